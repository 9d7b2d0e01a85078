import { Module } from '@nestjs/common';
import { EntitiesModule } from '@ccgame/entities';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ArenaRoom } from '#arena/arena-room.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot(), EntitiesModule.forRoot({ entities: [ArenaRoom] })],
})
export class ArenaModule {}
