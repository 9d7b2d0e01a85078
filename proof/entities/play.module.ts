import { Module } from '@nestjs/common';
import { EntitiesModule } from '@ccgame/entities';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { Counter } from './counter.js';
import { GridRoom } from './grid-room.js';

/** A server type of its own, with two kinds of entities. */
@Module({
  imports: [ServerModule, RpcModule.forRoot(), EntitiesModule.forRoot({ entities: [Counter, GridRoom] })],
})
export class PlayModule {}
