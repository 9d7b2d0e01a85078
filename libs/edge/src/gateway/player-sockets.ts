import { createServer } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { duplexPair } from 'node:stream';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Config, takeVersionFromPath } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import { handshakeRoute, TrafficCounter } from '@ccgame/releases';
import { codeOf, httpStatusOf } from '@ccgame/rpc';
import { ClientAddresses, Drain, listenHost, Readiness } from '@ccgame/server';
import { Bindings, Delivery, Sanctions, type SessionClaim, SessionClaims } from '@ccgame/sessions';
import { Server, type Socket } from 'socket.io';
import { WebSocket } from 'ws';
import { type AddressBudget, AddressBudgets } from '../connections/address-budgets.js';
import type { Connection } from '../connections/connection.js';
import { FrontDoor } from '../connections/front-door.js';
import { Heartbeats } from '../connections/heartbeats.js';
import { meteredWebSockets } from '../connections/metered-web-sockets.js';
import { watchHandshakes } from '../connections/watch-handshakes.js';
import { DrainSessions } from '../drain/drain-sessions.js';
import { HookRunner } from '../hooks/hook-runner.js';
import { Abusers } from '../limits/abusers.js';
import { PlayerHandshakes } from '../limits/player-handshakes.js';
import { TokenBucket } from '../limits/token-bucket.js';
import { metrics } from '../metrics.js';
import { EnforceSanctions } from '../operations/enforce-sanctions.js';
import { MoveSessions } from '../operations/move-sessions.js';
import type { InnerSocket, WebSocketHeaders } from '../polling/polled-session.js';
import { PollingDoor } from '../polling/polling-door.js';
import { PlayerRoutes } from '../routes/player-routes.js';
import { EventDispatcher } from './event-dispatcher.js';
import { Handshake, type HandshakeResult } from './handshake.js';
import { busy, HandshakeSlots } from './handshake-slots.js';
import { inTime } from './in-time.js';
import { PlayerSession } from './player-session.js';
import { PlayerSocketAdapter } from './player-socket-adapter.js';
import { refuseHandshake } from './refuse-handshake.js';
import { ConnectedSessions } from './connected-sessions.js';
import { forgetHandshake, forgetUpgrades, trimListeners } from './forget-handshake.js';
import { SessionMessages } from './session-messages.js';
import { sendTogether } from './socket-wire.js';
import { assertOpen, WaitingClient } from './waiting-client.js';

/** Bytes of one message; a larger one ends the connection. */
const maxMessageBytes = 64 * 1024;
/** Half of what Linux allows by default; Node's own 511 makes a storm of players wait. */
const listenBacklog = 4096;
/** Beyond all that a handshake's parts may take, ms: socket.io counts the servers' work and the game's hooks too. The front door has the token's time. */
const handshakeTimeoutMs = 60_000;
/** A peer that is gone without a word is found within both together, by either side (decision 176). */
const pingEveryMs = 4_000;
const pingTimeoutMs = 3_000;

/** The players' sockets: lets them in, and gives their events to the gateways. */
@Injectable()
export class PlayerSockets implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('gateway');
  /** Reads the requests for WebSockets; the front door listens. */
  private readonly http = createServer();
  /** Off unless a game has players behind proxies that block WebSockets. */
  private readonly polling = Config.LONG_POLLING
    ? new PollingDoor(
        {
          maxMessageBytes,
          pingInterval: pingEveryMs,
          pingTimeout: pingTimeoutMs,
          origins: Config.WS_ORIGINS,
        },
        (address) => (path, headers) => this.openInnerSocket(address, path, headers),
      )
    : undefined;
  private readonly frontDoor: FrontDoor = new FrontDoor(this.http, {
    addresses: new ClientAddresses(Config.TRUSTED_PROXIES),
    budgets: new AddressBudgets({
      connections: Config.CONNECTIONS_PER_ADDRESS,
      rate: Config.CONNECTION_RATE_PER_ADDRESS,
    }),
    hasProxyHeader: Config.PROXY_PROTOCOL,
    origins: Config.WS_ORIGINS,
    polling: this.polling,
    isStopping: () => this.drainSessions.isDraining,
  });
  private readonly handshakeRate = new TokenBucket(Config.HANDSHAKE_RATE, Config.HANDSHAKE_RATE);
  private readonly io = new Server(this.http, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: maxMessageBytes,
    wsEngine: meteredWebSockets((socket) => this.frontDoor.connectionOf(socket)),
    connectTimeout: handshakeTimeoutMs,
    pingInterval: pingEveryMs,
    pingTimeout: pingTimeoutMs,
  });
  private readonly heartbeats = new Heartbeats({ pingEveryMs, pingTimeoutMs });

  constructor(
    private readonly handshake: Handshake,
    private readonly slots: HandshakeSlots,
    private readonly claims: SessionClaims,
    private readonly delivery: Delivery,
    private readonly bindings: Bindings,
    private readonly sessions: ConnectedSessions,
    private readonly adapter: PlayerSocketAdapter,
    private readonly events: EventDispatcher,
    private readonly hooks: HookRunner,
    private readonly abusers: Abusers,
    private readonly playerHandshakes: PlayerHandshakes,
    private readonly sanctions: Sanctions,
    private readonly enforcement: EnforceSanctions,
    private readonly drainSessions: DrainSessions,
    private readonly moves: MoveSessions,
    private readonly readiness: Readiness,
    private readonly drain: Drain,
    private readonly routes: PlayerRoutes,
    private readonly traffic: TrafficCounter,
  ) {
    adapter.serveGateways(this.io);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.hooks.findHooks();
    sendTogether(this.http, this.io);
    forgetUpgrades(this.io);
    this.http.prependListener('upgrade', (request) => (request.url = takeVersionFromPath(request)));
    const connectionOf = watchHandshakes(this.io, this.frontDoor, this.heartbeats);
    this.io.use((socket, next) => {
      const isSdk = socket.handshake.auth.protocol === 1;
      const connection = connectionOf(socket.conn);
      this.admit(socket, connection).then(
        () => next(),
        (error: unknown) =>
          refuseHandshake(socket, isSdk, error, (refusal, isBad) => {
            next(refusal);
            connection.refuseHandshake(isBad);
          }),
      );
    });
    this.io.on('connection', (socket) => this.acceptSocket(socket));
    await this.frontDoor.listen({ port: Config.WS_PORT, host: await listenHost(), backlog: listenBacklog });
    this.readiness.addCheck('push-log', () => this.delivery.isReady);
    this.drain.addStep('sessions', (deadline) => this.drainSessions.drainAll(deadline));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.heartbeats.stop();
    this.polling?.close();
    await this.io.close();
    if (this.sessions.size === 0) await this.claims.endLease();
    this.frontDoor.close();
  }

  /** Decides about a handshake; a session is claimed only after everything else was found good. @throws RpcError */
  private async admit(socket: Socket, connection: Connection): Promise<void> {
    assertOpen(socket);
    if (this.drainSessions.isDraining) throw busy();
    await this.slots.takeSlot(async () => {
      const result = await this.handshake.readHandshake(socket);
      const { playerId } = result;
      // A handshake that can't end well takes nothing of a rate. Its token may have been looked up for seconds.
      assertOpen(socket);
      this.sanctions.assertNotBanned(playerId);
      this.abusers.refuseBanned(playerId);
      await this.slots.takeTurn(playerId, () => this.openSession(socket, connection, result));
    });
  }

  private async openSession(socket: Socket, connection: Connection, result: HandshakeResult): Promise<void> {
    // Before the connector's own rate, which is for all.
    this.playerHandshakes.spendHandshake(result.playerId);
    const waitMs = this.handshakeRate.spend();
    if (waitMs > 0) throw GameErrors.RATE_LIMITED({ retryAfterMs: waitMs + Math.random() * 1_000 });
    forgetHandshake(socket);
    const claim = await this.claimSession(socket, result);
    const { delivery, routes, bindings, claims } = this;
    const session = new PlayerSession(socket, result, claim, delivery, routes, bindings, claims);
    (socket as Owned).data.session = session;
    this.sessions.addSession(session);
    this.watchSession(connection, session);
    this.enforcement.enforceOn(session);
    await this.openOrRemove(session);
    metrics.handshakes.inc({ result: 'ok' });
    this.log.debug({ event: 'session.opened', session: session.sessionId, ...loggedFieldsOf(result) });
  }

  private claimSession(socket: Socket, result: HandshakeResult): Promise<SessionClaim> {
    const client = new WaitingClient(socket);
    return this.claims.claimSession({
      playerId: result.playerId,
      socket: socket.id,
      version: result.version,
      session: this.sessionToResume(result),
      instance: result.instance,
      refuseSecond: Config.SECOND_DEVICE === 'refuse',
      isWanted: (isTakeover) => this.slots.whileWaiting(() => client.isThere(isTakeover)),
    });
  }

  /** Apart from the handshake, as what is made there would live as long as the session. */
  private watchSession(connection: Connection, session: PlayerSession): void {
    const messages = new SessionMessages(session, this.events);
    connection.openSession(() => this.abusers.throwOut(session), messages, session.limits.reading);
    // Not socket.io's `disconnect`, which tells of nobody who leaves before the welcome.
    session.socket.conn.on('close', (reason: string) => this.sessions.removeSession(session, reason));
  }

  /** Not one that an operator ended. */
  private sessionToResume({ resume }: HandshakeResult): string | undefined {
    return resume && this.sanctions.kickOf(resume.session) === undefined ? resume.session : undefined;
  }

  /** The missed pushes are read before the welcome, so that both leave together. @throws RpcError BUSY when NATS stays away, GONE */
  private async openOrRemove(session: PlayerSession): Promise<void> {
    const { version, playerId } = session;
    try {
      assertOpen(session.socket);
      await inTime('hooks', this.hooks.sessionOpens(session));
      await inTime('missed pushes', session.openFeed());
      this.traffic.countRequest(version, handshakeRoute, 200, 0);
    } catch (error) {
      const code = codeOf(error);
      const hasLeft = code === 'GONE' && session.socket.conn.readyState !== 'open';
      if (!hasLeft) this.traffic.countRequest(version, handshakeRoute, httpStatusOf(code), 0, playerId);
      this.sessions.removeSession(session, 'left early');
      throw error;
    }
  }

  private openInnerSocket(address: AddressBudget, path: string, headers: WebSocketHeaders): InnerSocket {
    const [outer, inner] = duplexPair();
    const ofDoor = Object.assign(inner, { destroySoon: () => inner.destroy() }) as unknown as NetSocket;
    const { budget } = this.frontDoor.receiveInner(ofDoor, address);
    const webSocket = new WebSocket(`ws://connector${path}`, {
      headers,
      createConnection: () => outer as NetSocket,
      perMessageDeflate: false,
    });
    return { webSocket, budget };
  }

  private acceptSocket(socket: Socket): void {
    const { session } = (socket as Owned).data;
    const messages = new SessionMessages(session, this.events);
    socket.onAny((event: unknown, ...args: unknown[]) => messages.receiveEvent(event, args));
    socket.on('disconnect', (reason) => this.sessions.removeSession(session, reason));
    this.adapter.connectSession(session);
    trimListeners(socket);
    session.welcomed();
    this.moves.afterBreak(session);
  }
}

type Owned = Socket<object, object, object, { session: PlayerSession }>;

function loggedFieldsOf({ playerId, version, isSdk, resume }: HandshakeResult): object {
  return { playerId, version, isSdk, position: resume?.position, moving: resume?.moving };
}
