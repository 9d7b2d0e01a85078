import '#game/environment.js';
import { runJob } from '@ccgame/server';

await runJob({
  name: process.argv[2],
  given: process.argv.slice(3),
  module: async () => (await import('./cron.module.js')).CronModule,
  jobs: async () => (await import('#game/jobs.js')).jobs,
});
