import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** Stands between a client and NATS, to cut their connection or let nothing through. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  /** Those of {@link sockets} that go to NATS. */
  private readonly far = new Set<Socket>();
  private refuses = false;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (socket) => proxy.join(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get address(): string {
    const address = this.server.address();
    return `nats://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** Ends all connections; new ones are refused until {@link mend}. */
  cut(): void {
    this.refuses = true;
    this.sockets.forEach((socket) => socket.destroy());
  }

  mend(): void {
    this.refuses = false;
  }

  /** Nothing arrives at either side, until {@link release}. */
  hold(): void {
    this.sockets.forEach((socket) => socket.pause());
  }

  /** Nothing that NATS says arrives, until {@link release}. */
  holdAnswers(): void {
    this.far.forEach((socket) => socket.pause());
  }

  release(): void {
    this.sockets.forEach((socket) => socket.resume());
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    if (this.refuses) {
      near.destroy();
      return;
    }
    const far = connect(this.target, '127.0.0.1');
    this.far.add(far);
    far.on('close', () => this.far.delete(far));
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}
