import { Module } from '@nestjs/common';
import { StoredRecords } from '@ccgame/jetstream';
import { MatchResultController } from './match-result.controller.js';
import { MatchResults } from './match-results.js';

/** Game servers report results by `POST /v1/matches/:id/result` with the server key. For a server with `HttpModule` and `LeaderboardsModule`. */
@Module({
  controllers: [MatchResultController],
  providers: [MatchResults, StoredRecords],
  exports: [MatchResults],
})
export class MatchResultsModule {}
