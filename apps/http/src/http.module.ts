import { Module } from '@nestjs/common';
import { AccountsModule } from '@ccgame/accounts';
import { HttpModule } from '@ccgame/http';
import { LeaderboardsModule } from '@ccgame/leaderboards';
import { MatchResultsModule } from '@ccgame/match-results';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { TokensModule } from '@ccgame/sessions';
import { accounts, tokens } from '#game/accounts.js';
import { boards } from '#game/boards.js';
import { http } from '#game/http.js';

/** The server type `http`: login, client configuration, leaderboards and match results. */
@Module({
  imports: [
    ServerModule,
    RpcModule.forRoot({ coalesceWrites: true }),
    TokensModule.forRoot(tokens),
    HttpModule.forRoot(http),
    AccountsModule.forRoot(accounts),
    LeaderboardsModule.forRoot({ boards, serves: true }),
    MatchResultsModule,
  ],
})
export class HttpServerModule {}
