import { Module } from '@nestjs/common';
import { LeaderboardsModule } from '@ccgame/leaderboards';
import { ReleasesModule } from '@ccgame/releases';
import { RpcModule } from '@ccgame/rpc';
import { boards } from '#game/boards.js';
import { jobs } from '#game/jobs.js';

/** The jobs of the game, each run in a process of its own. Their calls go where the release table says, as those of servers. */
@Module({
  imports: [RpcModule.forRoot(), ReleasesModule, LeaderboardsModule.forRoot({ boards })],
  providers: Object.values(jobs),
})
export class CronModule {}
