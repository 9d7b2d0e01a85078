import '#game/environment.js';
import { runJob } from '@ccgame/server';

const name = process.argv[2];

await runJob({
  name,
  given: process.argv.slice(3),
  module: async () =>
    name === 'backUp'
      ? (await import('@ccgame/server')).BackupModule
      : (await import('./cron.module.js')).CronModule,
  jobs: async () => (await import('#game/jobs.js')).jobs,
});
