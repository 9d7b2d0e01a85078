import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { ReleasesModule } from '@ccgame/releases';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ConfiguredTokens, TokenSigner, TokenVerifier } from '@ccgame/sessions';
import { ClientConfigController } from '@ccgame/accounts';
import { AnswerForwardedController } from '@ccgame/http';
import { ForwardRequests } from '@ccgame/http';
import { VersionOfRequest } from '@ccgame/http';
import { LeaderboardController } from '@ccgame/leaderboards';
import { LiveBoards } from '@ccgame/leaderboards';
import { SettledBoards } from '@ccgame/leaderboards';
import { GuestAccounts } from '@ccgame/accounts';
import { rateLimits } from '@ccgame/http';
import { LoginController } from '@ccgame/accounts';
import { MatchResultController } from '@ccgame/match-results';
import { MatchResults } from '@ccgame/match-results';
import { LoadBalancerController } from '@ccgame/http';
import { RememberedReleaseController } from '@ccgame/releases';
import { StoredRecords } from '@ccgame/jetstream';
import { TrafficController } from '@ccgame/releases';

@Module({
  imports: [
    ThrottlerModule.forRootAsync({ useFactory: rateLimits }),
    ServerModule,
    RpcModule.forRoot(),
    ReleasesModule,
  ],
  controllers: [
    LoginController,
    ClientConfigController,
    LeaderboardController,
    MatchResultController,
    TrafficController,
    RememberedReleaseController,
    AnswerForwardedController,
    LoadBalancerController,
  ],
  providers: [
    TokenSigner,
    { provide: TokenVerifier, useClass: ConfiguredTokens },
    GuestAccounts,
    LiveBoards,
    SettledBoards,
    MatchResults,
    StoredRecords,
    VersionOfRequest,
    ForwardRequests,
  ],
})
export class HttpModule {}
