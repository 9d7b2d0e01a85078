import type { ReleaseTable } from '@ccgame/releases';
import type { Template } from '../render/template.js';
import type { Kubectl } from './kubectl.js';

interface CronJob {
  metadata: { name: string; labels: { serverType: string; version: string } };
  spec: { suspend?: boolean };
}

/** The CronJobs in the cluster: of each server type, those of one version are active, and all others are suspended. */
export class ClusterJobs {
  constructor(
    private readonly template: Template,
    private readonly kubectl: Kubectl,
  ) {}

  /** Suspends before it resumes: two versions never have the same job at once. */
  async follow(table: ReleaseTable, isConcerned: (version: string) => boolean = () => true): Promise<void> {
    const all = await this.wrong(table);
    const wrong = all.filter(({ metadata }) => isConcerned(metadata.labels.version));
    const suspendFirst = wrong.toSorted(
      (one, other) => Number(one.spec.suspend) - Number(other.spec.suspend),
    );
    for (const { metadata, spec } of suspendFirst) {
      const patch = JSON.stringify({ spec: { suspend: !spec.suspend } });
      await this.kubectl.run(['patch', 'cronjob', metadata.name, '--type', 'merge', '--patch', patch]);
    }
  }

  /** In sentences: which CronJobs are active, or not, against the table. */
  async problems(table: ReleaseTable): Promise<string[]> {
    return (await this.wrong(table)).map(({ metadata: { name }, spec }) =>
      spec.suspend
        ? `The CronJob ${name} is suspended, though its version is the one that runs jobs.`
        : `The CronJob ${name} is active, though another version runs the jobs.`,
    );
  }

  private async wrong(table: ReleaseTable): Promise<CronJob[]> {
    const selector = `env=${this.template.env},version,serverType`;
    const { items } = JSON.parse(
      await this.kubectl.run(['get', 'cronjob', '-l', selector, '-o', 'json']),
    ) as {
      items: CronJob[];
    };
    return items.filter(({ metadata: { labels }, spec }) => {
      const isActive = labels.version === jobVersion(table, labels.serverType);
      return (spec.suspend ?? false) === isActive;
    });
  }
}

/** The version whose CronJobs of a type are active: stable, or the one that stands in for it. */
export function jobVersion({ stable, fallbacks }: ReleaseTable, serverType: string): string {
  return fallbacks[serverType]?.[stable] ?? stable;
}
