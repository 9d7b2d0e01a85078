import { Module } from '@nestjs/common';
import { RpcModule } from '#rpc';
import { jobs } from './jobs/jobs.js';

@Module({ imports: [RpcModule.forRoot()], providers: Object.values(jobs) })
export class CronModule {}
