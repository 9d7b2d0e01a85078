import type { Type } from '@nestjs/common';
import { BackUpJob, type Job } from '@ccgame/server';
import { SettleLeaderboardsJob } from '@ccgame/leaderboards';
import { TestCronJob } from './jobs/test-cron.job.js';

/** Every job by the name that follows `npm run start:`; package.json, k8s/cron and k8s/backup name them too. */
export const jobs: Record<string, Type<Job>> = {
  testCron: TestCronJob,
  settleLeaderboards: SettleLeaderboardsJob,
  backUp: BackUpJob,
};
