import type { Type } from '@nestjs/common';
import type { Job } from '@ccgame/server';
import { SettleLeaderboardsJob } from '@ccgame/leaderboards';
import { TestCronJob } from './jobs/test-cron.job.js';

/** Every job by the name that follows `npm run start:`; package.json and k8s/cron name them too. */
export const jobs: Record<string, Type<Job>> = {
  testCron: TestCronJob,
  settleLeaderboards: SettleLeaderboardsJob,
};
