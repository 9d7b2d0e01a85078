import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { ReleasesModule } from '#releases';
import { RpcModule } from '#rpc';
import { ServerModule } from '#server';
import { ConfiguredTokens, TokenSigner, TokenVerifier } from '#sessions';
import { ClientConfigController } from './client-config/client-config.controller.js';
import { AnswerForwardedController } from './forwarding/answer-forwarded.controller.js';
import { ForwardRequests } from './forwarding/forward-requests.js';
import { VersionOfRequest } from './forwarding/version-of-request.js';
import { LeaderboardController } from './leaderboards/leaderboard.controller.js';
import { LiveBoards } from './leaderboards/live-boards.js';
import { SettledBoards } from './leaderboards/settled-boards.js';
import { GuestAccounts } from './login/guest-accounts.js';
import { rateLimits } from './limits/rate-limit.guard.js';
import { LoginController } from './login/login.controller.js';
import { MatchResultController } from './matches/match-result.controller.js';
import { MatchResults } from './matches/match-results.js';
import { LoadBalancerController } from './operations/load-balancer.controller.js';
import { RememberedReleaseController } from './operations/remembered-release.controller.js';
import { StoredRecords } from './stored-records.js';
import { TrafficController } from './traffic/traffic.controller.js';

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
