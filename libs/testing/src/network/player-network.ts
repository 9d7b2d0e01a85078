import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  server: Socket;
  /** Neither side hears of the other's end. */
  isHalfOpen: boolean;
}

/** The servers behind the players' network. */
export interface Doors {
  /** The port for a socket of a version; none: refuse it. */
  connector: (version: string) => number | undefined;
  /** The port for everything else. Left out: only `GET /v1/config` is answered, from here. */
  http?: () => number;
}

/**
 * The players' network: a TCP proxy that balances connections, cuts them, and makes them half-open, in which nothing
 * arrives any more and nobody is told.
 */
export class PlayerNetwork {
  /** The answer of `GET /v1/config` where there is no http server, and the version of a socket that names none. */
  version = '';
  private readonly pairs = new Set<Pair>();
  private readonly servers: Server[] = [];
  private turn = 0;

  constructor(private readonly doors: Doors) {}

  /**
   * @param ports how many it listens on. Node accepts one connection a port and turn of its loop (libuv 1.45), so a crowd
   * that breaks off at once comes back slowly through one.
   */
  async open(ports = 1): Promise<void> {
    for (let index = 0; index < ports; index += 1) {
      const server = createServer((client) => this.acceptConnection(client));
      this.servers.push(server);
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
      await once(server, 'listening');
    }
  }

  /** Each port's in turn. */
  get url(): string {
    const server = this.servers[this.turn++ % this.servers.length];
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  get size(): number {
    return this.pairs.size;
  }

  /** Connections to a port behind it. */
  countTo(port: number): number {
    return [...this.pairs].filter(({ server }) => server.remotePort === port).length;
  }

  /** Resets a share of the connections. */
  cut(share: number): number {
    const chosen = this.pickSome(share);
    for (const { client, server } of chosen) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    return chosen.length;
  }

  /** Lets a share of the connections hang: both sides hear nothing more, not even that the other one ends. */
  halfOpen(share: number): number {
    const chosen = this.pickSome(share);
    for (const pair of chosen) {
      const { client, server } = pair;
      pair.isHalfOpen = true;
      client.unpipe(server).on('data', () => {});
      server.unpipe(client).on('data', () => {});
    }
    return chosen.length;
  }

  close(): void {
    for (const server of this.servers) server.close();
    this.cut(1);
  }

  private pickSome(share: number): Pair[] {
    return [...this.pairs].filter(() => Math.random() < share);
  }

  private acceptConnection(client: Socket): void {
    client.on('error', () => client.destroy());
    client.once('data', (head) => {
      const [line = ''] = head.toString('latin1').split('\r\n');
      const isSocket = line.includes(' /socket.io/');
      if (!isSocket && !this.doors.http) return this.answerConfig(client);
      const version = /[?&]version=([\d.]+)/.exec(line)?.[1] ?? this.version;
      const port = isSocket ? this.doors.connector(version) : this.doors.http?.();
      if (port === undefined) return client.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
      this.joinStreams(client, head, port);
    });
  }

  private joinStreams(client: Socket, head: Buffer, port: number): void {
    const server = connect(port, '127.0.0.1');
    const pair: Pair = { client, server, isHalfOpen: false };
    this.pairs.add(pair);
    server.on('error', () => server.destroy());
    client.on('close', () => this.endOther(pair, server));
    server.on('close', () => this.endOther(pair, client));
    server.write(head);
    client.pipe(server);
    server.pipe(client);
  }

  private endOther(pair: Pair, other: Socket): void {
    if (!pair.isHalfOpen) other.destroy();
    if (pair.client.destroyed && pair.server.destroyed) this.pairs.delete(pair);
  }

  private answerConfig(client: Socket): void {
    const body = JSON.stringify({ version: this.version, httpUrl: this.url, wsUrl: this.url });
    const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
    client.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`);
  }
}
