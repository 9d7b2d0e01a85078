import { Module } from '@nestjs/common';
import { EntitiesModule } from '@ccgame/entities';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ArenaRoom } from '#arena/arena-room.js';

/** The server type `arena`: its rooms, which are examples/arena. */
@Module({
  imports: [ServerModule, RpcModule.forRoot(), EntitiesModule.forRoot({ entities: [ArenaRoom] })],
})
export class ArenaModule {}
