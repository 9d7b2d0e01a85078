import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { calmTime, untilHolds } from '@ccgame/testing';
import { Server } from 'socket.io';
import { WechatStandIn } from '../test/wechat-stand-in.js';
import type { Client } from './client.js';
import { connect } from './connect.js';
import type { ConnectOptions } from './options.js';
import { wechatPlatform } from './wechat.js';

const session = { session: 's1', position: 0, recovered: true, serverId: 'connector-0', playerId: 'anna' };

async function portOf(server: TcpServer): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** An Ingress that leads to a machine which is lost, or to one that lives. */
class Front {
  /** So many connections more are led to the lost machine. */
  lost = 0;
  /** When one was, by `performance.now()`. */
  readonly swallowedAt: number[] = [];
  private readonly server = createServer((player) => this.accept(player.on('error', () => player.destroy())));
  private readonly players = new Map<Socket, Socket | undefined>();

  constructor(private readonly alivePort: number) {}

  async open(): Promise<string> {
    return `http://127.0.0.1:${await portOf(this.server)}`;
  }

  /** Nobody is told of it. */
  loseMachine(): void {
    for (const [player, connector] of this.players) {
      connector?.unpipe(player).removeAllListeners('close').destroy();
      player.unpipe().resume();
    }
  }

  closeConnections(): void {
    for (const player of this.players.keys()) player.destroy();
  }

  close(): void {
    this.server.close();
    this.closeConnections();
  }

  private accept(player: Socket): void {
    this.players.set(player, undefined);
    if (this.lost > 0) {
      this.lost -= 1;
      this.swallowedAt.push(performance.now());
      return void player.resume();
    }
    const connector = connectTcp(this.alivePort, '127.0.0.1').on('error', () => player.destroy());
    this.players.set(player, connector);
    connector.on('close', () => player.destroy());
    player.on('close', () => connector.destroy());
    player.pipe(connector).pipe(player);
  }
}

describe('a player whose machine is lost, behind an Ingress that goes on choosing it', () => {
  let alive: Server;
  let front: Front;
  let client: Client;
  let errors: string[];
  let url: string;

  async function play(platform: Partial<ConnectOptions> = {}): Promise<void> {
    client = connect({ url, token: 'x.y.z', version: '1.0.0000', ...platform });
    errors = [];
    client.on('error', ({ code }) => errors.push(code));
    // The first connection of a process is slow, and tells nothing of later ones.
    for (let count = 0; count < 5; count += 1) await client.request('note.read' as never, undefined);
  }

  beforeEach(async () => {
    const http = createHttpServer();
    alive = new Server(http, { pingInterval: 1_000, pingTimeout: 1_000 });
    alive.on('connection', (socket) => {
      socket.emit('Push', { route: 'session.opened', data: session });
      socket.on('Request', ({ route, timestamp }) => socket.emit('Response', { route, timestamp, data: 1 }));
    });
    front = new Front(await portOf(http));
    url = await front.open();
  });
  afterEach(async () => {
    client.close();
    front.close();
    await alive.close();
  });

  it.each<[string, () => Partial<ConnectOptions>]>([
    ['', () => ({})],
    // One that connects can't be closed there.
    [', in a mini game with five sockets in all, too', () => wechatPlatform(new WechatStandIn())],
  ])(
    'hurries after the silence, and is back though ten tries in a row meet it%s',
    async (_, platformOf) => {
      await play(platformOf());
      front.lost = 10;
      front.loseMachine();
      await untilHolds(() => client.state === 'reconnecting');
      const calmMs = calmTime();
      await untilHolds(() => client.state === 'online');
      // 0.2 s before the first, 0.5 s for it, and 0.2 s for each other one. Four of 0.8 s and then of 10 s took over a minute.
      expect(calmMs()).toBeLessThan(4_500);
      expect(front.swallowedAt).toHaveLength(10);
      expect(errors).toEqual([]);
    },
    90_000,
  );

  it('does not hurry where the connection was closed: those who live may be busy with the others', async () => {
    await play();
    front.lost = 3;
    front.closeConnections();
    await untilHolds(() => client.state === 'online' && front.lost === 0);
    const [first = 0, , third = 0] = front.swallowedAt;
    expect(third - first).toBeGreaterThan(1_500);
  }, 90_000);
});
