import type { HandshakeAuth, PushMessage, ResumeFrom, SessionOpened } from '@ccgame/protocol';
import { tokenOf, untilHolds } from '@ccgame/testing';
import { io, type ManagerOptions, type Socket } from 'socket.io-client';

/** A socket that speaks the protocol with nothing but socket.io, and keeps all that it is sent. */
export class Player {
  readonly pushes: PushMessage[] = [];
  readonly responses: any[] = [];
  disconnected?: string;

  private constructor(readonly socket: Socket) {
    socket.on('Push', (push: PushMessage) => this.pushes.push(push));
    socket.on('Response', (response) => this.responses.push(response));
    socket.on('disconnect', (reason) => (this.disconnected = reason));
  }

  /** Rejects with socket.io's error, whose `data` is the refusal. */
  static async open(
    port: number,
    playerId: string,
    auth: Partial<HandshakeAuth> = {},
    options: Partial<ManagerOptions> = {},
  ): Promise<Player> {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      ...options,
      auth: { token: tokenOf(playerId), ...auth },
    });
    const player = new Player(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        socket.disconnect();
        reject(error);
      });
      socket.connect();
    });
    return player;
  }

  /** As {@link open}, with protocol 1; resolves when the session is open. */
  static async openSession(port: number, playerId: string, resume?: ResumeFrom): Promise<Player> {
    const player = await Player.open(port, playerId, { protocol: 1, ...(resume && { resume }) });
    await player.until(() => player.opened !== undefined);
    return player;
  }

  get opened(): SessionOpened | undefined {
    return this.of('session.opened').at(-1) as SessionOpened | undefined;
  }

  /** The pushes under a route. */
  of(route: string): unknown[] {
    return this.pushes.filter((push) => push.route === route).map(({ data }) => data as unknown);
  }

  get resume(): ResumeFrom {
    const { session = '', position = 0 } = this.opened ?? {};
    return { session, position: Math.max(position, ...this.pushes.map((push) => push.position ?? 0)) };
  }

  async ask(message: unknown): Promise<any> {
    const before = this.responses.length;
    this.socket.emit('Request', message);
    await this.until(() => this.responses.length > before);
    return this.responses[before];
  }

  /** Ends the connection without a word, as a dead network does. */
  cut(): void {
    (this.socket.io.engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate();
  }

  /** Has the client wait, as one with a longer patience does: by itself it leaves a server that sends no ping for 7 s. */
  stayWithoutPings(): void {
    const engine = this.socket.io.engine as unknown as { _pingTimeout: number; _resetPingTimeout(): void };
    engine._pingTimeout = 60_000;
    engine._resetPingTimeout();
  }

  async until(check: () => boolean): Promise<void> {
    const seen = (): string => `${check.toString()}; pushed: ${JSON.stringify(this.pushes)}`;
    await untilHolds(check, { seen, timeoutMs: 30_000, everyMs: 5 });
  }
}
