import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '#config';
import { NATS_CONNECTION, RpcError } from '#rpc';
import { deliverSubject } from '#sessions';
import { Server, type Socket } from 'socket.io';
import { Handshake } from './handshake.js';
import { Requests } from './requests.js';
import type { Session } from './session.js';

/** Bytes of one message; a larger one ends the connection. */
const maxMessageBytes = 64 * 1024;
/** Half of what Linux allows by default; Node's own 511 makes a storm of players wait. */
const listenBacklog = 4096;

type PlayerSocket = Socket<
  Record<string, (message: unknown) => void>,
  Record<string, (message: unknown) => void>,
  object,
  { session: Session }
>;

/** The players' sockets: events `Request` → `Response`, `Notify`, and `Push` from the servers. */
@Injectable()
export class Gateway implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('gateway');
  private readonly http = createServer();
  private readonly io = new Server(this.http, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: maxMessageBytes,
  });

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly handshake: Handshake,
    private readonly requests: Requests,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.io.use((socket, next) => {
      this.handshake.open(socket as PlayerSocket).then(
        (session) => {
          (socket as PlayerSocket).data.session = session;
          next();
        },
        (error: unknown) => next(refusal(error)),
      );
    });
    this.io.on('connection', (socket) => this.take(socket as PlayerSocket));
    this.http.listen({ port: Config.WS_PORT, backlog: listenBacklog });
    await once(this.http, 'listening');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.io.close();
  }

  private take(socket: PlayerSocket): void {
    const { session } = socket.data;
    const subscription = this.nats.subscribe(deliverSubject(session.playerId), {
      callback: (error, message) => {
        if (!error) socket.emit('Push', message.json());
      },
    });
    socket.on(
      'Request',
      (message) =>
        void this.requests.request(session, message).then((response) => socket.emit('Response', response)),
    );
    socket.on('Notify', (message) => void this.requests.notify(session, message));
    socket.on('disconnect', (reason) => {
      subscription.unsubscribe();
      this.log.debug({ event: 'socket.closed', playerId: session.playerId, reason });
    });
  }
}

/** socket.io gives `message` and `data` to the client's `connect_error`. */
function refusal(error: unknown): Error {
  const { code, retryable, details } =
    error instanceof RpcError ? error.toPublic() : new RpcError('INTERNAL').toPublic();
  return Object.assign(new Error(code), { data: { code, retryable, details } });
}
