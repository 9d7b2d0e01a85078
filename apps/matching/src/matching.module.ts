import { Module } from '@nestjs/common';
import { RpcModule } from '#rpc';
import { ServerModule } from '#server';
import { PushService } from '#sessions';
import { MatchingController } from './matching.controller.js';
import { Queue } from './queue.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot()],
  controllers: [MatchingController],
  providers: [PushService, Queue],
})
export class MatchingModule {}
