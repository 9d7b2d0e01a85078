import { Module } from '@nestjs/common';
import { AccountsModule } from '@ccgame/accounts';
import { HttpModule } from '@ccgame/http';
import { StoredRecords } from '@ccgame/jetstream';
import { LeaderboardController, LiveBoards, SettledBoards } from '@ccgame/leaderboards';
import { MatchResultsModule } from '@ccgame/match-results';
import { RememberedReleaseController } from '@ccgame/releases';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { accounts, tokens } from '#game/accounts.js';
import { http } from '#game/http.js';

@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot(),
    TokensModule.forRoot(tokens),
    HttpModule.forRoot(http),
    AccountsModule.forRoot(accounts),
    MatchResultsModule,
  ],
  controllers: [LeaderboardController, RememberedReleaseController],
  providers: [LiveBoards, SettledBoards, StoredRecords],
})
export class HttpServerModule {}
