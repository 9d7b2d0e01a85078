import type { PushMessage } from '@ccgame/protocol';
import { untilHolds } from '@ccgame/testing';
import { io, type Socket } from 'socket.io-client';

const nobodyPort = 1;

/** socket.io-client as it comes, with a reconnection delay that suits a test. Keeps what it is pushed. */
export class PlainClient {
  readonly socket: Socket;
  readonly pushes: PushMessage[] = [];
  /** The further argument of each push. */
  readonly offsets: (string | undefined)[] = [];

  constructor(port: number, auth: object, transports = ['websocket']) {
    this.socket = io(`http://127.0.0.1:${port}`, {
      transports,
      forceNew: true,
      reconnectionDelay: 100,
      reconnectionDelayMax: 300,
      auth,
    });
    this.socket.on('Push', (push: PushMessage, offset?: string) => {
      this.pushes.push(push);
      this.offsets.push(offset);
    });
  }

  /** The values that were pushed under a route. */
  of(route: string): unknown[] {
    return this.pushes.filter((push) => push.route === route).map(({ data }) => data as unknown);
  }

  /** The first argument of the socket's next event of that name. */
  next(event: string): Promise<unknown> {
    return new Promise((resolve) => this.socket.once(event, resolve));
  }

  /** Ends the transport; socket.io finds nobody until {@link reconnectAt}. */
  cut(): void {
    this.pointTo(nobodyPort);
    this.socket.io.engine.close();
  }

  /** Lets socket.io come back by itself, at another connector as behind a load balancer. */
  async reconnectAt(port: number): Promise<void> {
    this.pointTo(port);
    if (this.socket.connected) await this.next('disconnect');
    await this.next('connect');
  }

  private pointTo(port: number): void {
    (this.socket.io as unknown as { uri: string }).uri = `http://127.0.0.1:${port}`;
  }

  async until(check: () => boolean): Promise<void> {
    const seen = (): string => `pushed: ${JSON.stringify(this.pushes)}`;
    await untilHolds(check, { seen, timeoutMs: 30_000, everyMs: 5 });
  }
}
