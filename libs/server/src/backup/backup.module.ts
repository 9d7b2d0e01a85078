import { Module } from '@nestjs/common';
import { BackUpJob } from './back-up.job.js';

/** For the job `backUp` alone: it connects as a NATS user that may do nothing else. */
@Module({ providers: [BackUpJob] })
export class BackupModule {}
