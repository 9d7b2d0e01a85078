import { Module } from '@nestjs/common';
import { RpcModule } from '@ccgame/rpc';
import { jobs } from '#game/jobs.js';

@Module({ imports: [RpcModule.forRoot()], providers: Object.values(jobs) })
export class CronModule {}
