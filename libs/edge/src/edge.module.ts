import { type DynamicModule, Module } from '@nestjs/common';
import { ServerModule, WEB_SOCKET_ADAPTER } from '@ccgame/server';
import { Bindings, Delivery, SanctionsModule, SessionClaims, SessionsModule } from '@ccgame/sessions';
import { DrainSessions } from './drain/drain-sessions.js';
import { EventDispatcher } from './gateway/event-dispatcher.js';
import { Handshake } from './gateway/handshake.js';
import { HandshakeSlots } from './gateway/handshake-slots.js';
import { LocalHandlers } from './gateway/local-handlers.js';
import { MessageCaller } from './gateway/message-caller.js';
import { MessageGateway } from './gateway/message.gateway.js';
import { PlayerSocketAdapter } from './gateway/player-socket-adapter.js';
import { PlayerSockets } from './gateway/player-sockets.js';
import { RequestForwarder } from './gateway/request-forwarder.js';
import { ConnectedSessions } from './gateway/connected-sessions.js';
import { EDGE_OPTIONS, type EdgeOptions } from './edge-options.js';
import { PlayerRoutes } from './routes/player-routes.js';
import { TokenAcceptor } from './gateway/token-acceptor.js';
import { VersionPinning } from './gateway/version-pinning.js';
import { HookRunner } from './hooks/hook-runner.js';
import { Abusers } from './limits/abusers.js';
import { PlayerHandshakes } from './limits/player-handshakes.js';
import { EnforceSanctions } from './operations/enforce-sanctions.js';
import { MoveSessions } from './operations/move-sessions.js';
import { MoveSessionsController } from './operations/move-sessions.controller.js';
import { PlayerOperationsController } from './operations/player-operations.controller.js';
import { SessionDataController } from './operations/session-data.controller.js';
import { SessionCountsController } from './operations/session-counts.controller.js';

/** The players' gateway as a Nest module. */
@Module({
  imports: [ServerModule, SessionsModule, SanctionsModule],
  controllers: [
    SessionCountsController,
    MoveSessionsController,
    PlayerOperationsController,
    SessionDataController,
  ],
  providers: [
    Bindings,
    Delivery,
    SessionClaims,
    Handshake,
    HandshakeSlots,
    VersionPinning,
    MoveSessions,
    EnforceSanctions,
    Abusers,
    PlayerHandshakes,
    PlayerRoutes,
    LocalHandlers,
    MessageCaller,
    RequestForwarder,
    ConnectedSessions,
    DrainSessions,
    HookRunner,
    EventDispatcher,
    MessageGateway,
    TokenAcceptor,
    PlayerSocketAdapter,
    { provide: WEB_SOCKET_ADAPTER, useExisting: PlayerSocketAdapter },
    PlayerSockets,
  ],
})
export class EdgeModule {
  /** The players' gateway of a game. Import it once, in the connector's root module, and `TokensModule` beside it. */
  static forRoot(options: EdgeOptions): DynamicModule {
    return { module: EdgeModule, providers: [{ provide: EDGE_OPTIONS, useValue: options }] };
  }
}
