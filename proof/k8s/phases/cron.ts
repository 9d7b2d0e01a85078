import { apply, kubectl, read } from '../cluster.js';
import { until } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import type { Stage } from '../stage.js';

interface CronJob {
  spec: {
    jobTemplate: { spec: { template: { spec: { containers: object[] } } & object } & object };
  } & object;
}

interface Jobs {
  items: Array<{
    metadata: { name: string; ownerReferences?: Array<{ name: string }> };
    status: { succeeded?: number; failed?: number; conditions?: Array<{ type: string; status: string }> };
  }>;
}

export const cron: Phase = {
  line: 8,
  title: 'the CronJob fires by its schedule; a failing job is retried, and kept by its history limit',
  mustBeZero: nothing,
  async run(stage) {
    const source = await read<CronJob>('cronjob', 'test-cron-prod-v100000');
    await kubectl('delete', 'cronjob', 'proof-cron', 'proof-failing', '--ignore-not-found');
    await apply(variant(source, 'proof-cron', ['npm', 'run', '--silent', 'start:testCron']));
    await apply(variant(source, 'proof-failing', ['node', '-e', 'process.exit(1)']));
    await fires(stage);
    await fails(stage);
    await kubectl('delete', 'cronjob', 'proof-cron', 'proof-failing');
  },
};

/** The manifest's CronJob every minute, retried once, with one failed job kept. */
function variant({ spec }: CronJob, name: string, args: string[]): object {
  const { template } = spec.jobTemplate.spec;
  const [container] = template.spec.containers;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      ...spec,
      suspend: false,
      schedule: '* * * * *',
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          ...spec.jobTemplate.spec,
          backoffLimit: 1,
          template: { ...template, spec: { ...template.spec, containers: [{ ...container, args }] } },
        },
      },
    },
  };
}

async function jobsOf(cronJob: string): Promise<Jobs['items']> {
  const { items } = await read<Jobs>('jobs');
  return items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === cronJob);
}

async function fires({ report }: Stage): Promise<void> {
  const ms = await until('the CronJob has fired and its job is done', 120_000, async () =>
    (await jobsOf('proof-cron')).some(({ status }) => status.succeeded === 1),
  );
  report.check(
    `by its schedule the CronJob fired, and its job was done, within ${Math.round(ms / 1000)} s`,
    true,
  );
}

const isFailed = ({ status }: Jobs['items'][number]): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Failed' && is === 'True') === true;

async function fails({ report }: Stage): Promise<void> {
  const seen = new Set<string>();
  await until('a second failing job has failed', 300_000, async () => {
    for (const job of (await jobsOf('proof-failing')).filter(isFailed)) {
      if (!seen.has(job.metadata.name)) await retried(report, job.metadata.name);
      seen.add(job.metadata.name);
    }
    return seen.size >= 2;
  });
  await until(
    'one failed job is kept',
    60_000,
    async () => (await jobsOf('proof-failing')).filter(isFailed).length === 1,
  );
  report.check(`of ${seen.size} failed jobs 1 is kept`, true);
}

interface Events {
  items: Array<{ involvedObject: { name: string }; reason: string; count?: number }>;
}

/** With `OnFailure` the container is started again in its pod: the events of the pod tell. */
async function retried(report: Stage['report'], job: string): Promise<void> {
  const { items } = await read<Events>('events');
  const starts = items
    .filter(({ involvedObject, reason }) => involvedObject.name.startsWith(`${job}-`) && reason === 'Started')
    .reduce((sum, { count = 1 }) => sum + count, 0);
  report.check(`the failing job ${job} was started ${starts} times before it was given up`, starts === 2);
}
