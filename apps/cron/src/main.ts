import '#game/environment.js';
import { runJob } from '@ccgame/server';

await runJob({
  module: async () => (await import('./cron.module.js')).CronModule,
  jobs: async () => (await import('#game/jobs.js')).jobs,
});
