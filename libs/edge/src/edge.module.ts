import { Module } from '@nestjs/common';
import { ReleasesModule } from '@ccgame/releases';
import { RpcModule } from '@ccgame/rpc';
import { ServerModule } from '@ccgame/server';
import { ConfiguredTokens, Delivery, Ownership, SessionsModule, TokenVerifier } from '@ccgame/sessions';
import { DrainSessions } from './drain/drain-sessions.js';
import { Gateway } from './gateway/gateway.js';
import { Handshake } from './gateway/handshake.js';
import { Requests } from './gateway/requests.js';
import { Sessions } from './gateway/sessions.js';
import { VersionPinning } from './gateway/version-pinning.js';
import { Abusers } from './limits/abusers.js';
import { MoveSessions } from './operations/move-sessions.js';
import { MoveSessionsController } from './operations/move-sessions.controller.js';
import { SessionCountsController } from './operations/session-counts.controller.js';
import { RememberedReleaseController } from './operations/remembered-release.controller.js';
import { TrafficController } from './operations/traffic.controller.js';

@Module({
  imports: [ServerModule, RpcModule.forRoot({ coalesceWrites: true }), ReleasesModule, SessionsModule],
  controllers: [
    SessionCountsController,
    MoveSessionsController,
    TrafficController,
    RememberedReleaseController,
  ],
  providers: [
    { provide: TokenVerifier, useClass: ConfiguredTokens },
    Delivery,
    Ownership,
    Handshake,
    VersionPinning,
    MoveSessions,
    Abusers,
    Requests,
    Sessions,
    DrainSessions,
    Gateway,
  ],
})
export class ConnectorModule {}
