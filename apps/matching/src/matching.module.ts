import { Module } from '@nestjs/common';
import { ReleasesModule } from '#releases';
import { RpcModule } from '#rpc';
import { ServerModule } from '#server';
import { SessionsModule } from '#sessions';
import { MatchingController } from './matching.controller.js';
import { OperationsController } from './operations.controller.js';
import { Queue } from './queue.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot(), ReleasesModule, SessionsModule],
  controllers: [MatchingController, OperationsController],
  providers: [Queue],
})
export class MatchingModule {}
