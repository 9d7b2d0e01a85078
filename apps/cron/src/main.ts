import { runJob } from '#server';

await runJob({
  name: process.argv[2],
  module: async () => (await import('./cron.module.js')).CronModule,
  jobs: async () => (await import('./jobs/jobs.js')).jobs,
});
