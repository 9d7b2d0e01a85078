import { Module } from '@nestjs/common';
import { BackUpJob } from './back-up.job.js';

/** The application of the job `backUp`, without the game's modules: it connects as a NATS user that may do nothing else. */
@Module({ providers: [BackUpJob] })
export class BackupModule {}
