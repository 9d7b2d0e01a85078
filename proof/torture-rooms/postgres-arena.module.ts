import { Module } from '@nestjs/common';
import { EntitiesModule, postgresStore } from '@ccgame/entities';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ArenaRoom } from '#arena/arena-room.js';

const { ARENA_DATABASE: connectionString = '' } = process.env;

/** The server type `arena` as it is, with its rooms in PostgreSQL. */
@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot(),
    EntitiesModule.forRoot({ entities: [ArenaRoom], store: postgresStore({ connectionString }) }),
  ],
})
export class PostgresArenaModule {}
