import { Module } from '@nestjs/common';
import { EntitiesModule } from '@ccgame/entities';
import { LeaderboardsModule } from '@ccgame/leaderboards';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { cardResults, TableRoom } from './table-room.js';

/** A server type with rooms and their results, as docs/leaderboards.md tells. */
@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot(),
    LeaderboardsModule.forRoot({ boards: [{ name: 'cards', kind: 'sum' }] }),
    EntitiesModule.forRoot({ entities: [TableRoom, cardResults.entity] }),
  ],
})
export class CardsModule {}
