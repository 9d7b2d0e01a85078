import { Module } from '@nestjs/common';
import { EntitiesModule, postgresStore } from '@ccgame/entities';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { Counter } from './counter.js';
import { FogRoom } from './fog-room.js';
import { GridRoom } from './grid-room.js';
import { MazeRoom } from './maze-room.js';

const { PLAY_DATABASE: connectionString } = process.env;

/** A server type of its own, with an entity and three kinds of rooms. */
@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot(),
    EntitiesModule.forRoot({
      entities: [Counter, GridRoom, FogRoom, MazeRoom],
      store: connectionString ? postgresStore({ connectionString }) : undefined,
    }),
  ],
})
export class PlayModule {}
