import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { MemberReport } from '../dev/fleet-member.js';
import { readObject } from '../game-files.js';
import { dashboardsPage } from './dashboards-page.js';

/** The cluster's alarms; a Prometheus without the operator reads their `spec`. */
const alarmsFile = join('k8s', 'observability', 'rules.yaml');
/** The files that Grafana imports. */
export const dashboardsFolder = join('k8s', 'observability', 'dashboards');
/** Seconds between two looks at a server: a laptop's curves are to move while one watches. */
const scrapeSeconds = 2;

/** The configuration of a Prometheus on this machine, in a folder of its own. */
export class PrometheusFiles {
  readonly config: string;
  readonly data: string;
  /** The folder of the pages that Prometheus shows beside its own. */
  readonly pages: string;
  private readonly targets: string;

  constructor(
    private readonly root: string,
    private readonly folder = join(root, '.ccgame', 'observe'),
  ) {
    this.config = resolve(folder, 'prometheus.yml');
    this.data = resolve(folder, 'data');
    this.pages = resolve(folder, 'pages');
    this.targets = resolve(folder, 'targets.json');
  }

  /** Writes the configuration, with the alarms and the dashboards of the repository where it has them. */
  writeConfig(): void {
    mkdirSync(this.pages, { recursive: true });
    this.writeTargets([]);
    const dashboards = join(this.root, dashboardsFolder);
    if (existsSync(dashboards)) writeFileSync(join(this.pages, 'index.html'), dashboardsPage(dashboards));
    const config = {
      global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
      rule_files: this.writeAlarms(),
      scrape_configs: [
        { job_name: 'ccgame', file_sd_configs: [{ files: [this.targets], refresh_interval: '2s' }] },
      ],
    };
    writeFileSync(this.config, stringify(config));
  }

  /** The servers whose metrics are read from now on. Prometheus never reads half a list. */
  writeTargets(members: readonly Pick<MemberReport, 'healthPort' | 'state'>[]): void {
    const alive = members.filter(({ state }) => state !== 'absent');
    const list = [{ targets: alive.map(({ healthPort }) => `127.0.0.1:${healthPort}`) }];
    writeFileSync(`${this.targets}.new`, JSON.stringify(list));
    renameSync(`${this.targets}.new`, this.targets);
  }

  private writeAlarms(): string[] {
    const file = join(this.root, alarmsFile);
    if (!existsSync(file)) return [];
    const { spec } = readObject<{ spec: object }>(file, parse);
    if (spec === undefined) throw new Error(`${file} has no spec, in which the alarms would stand.`);
    const written = resolve(this.folder, 'alarms.yml');
    writeFileSync(written, stringify(spec));
    return [written];
  }
}
