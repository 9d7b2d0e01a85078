import { Module } from '@nestjs/common';
import { LeaderboardsModule } from '@ccgame/leaderboards';
import { RpcModule } from '@ccgame/rpc';
import { boards } from '#game/boards.js';
import { jobs } from '#game/jobs.js';

/** The jobs of the game, each run in a process of its own. */
@Module({
  imports: [RpcModule.forRoot(), LeaderboardsModule.forRoot({ boards })],
  providers: Object.values(jobs),
})
export class CronModule {}
