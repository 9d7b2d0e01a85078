import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { arena } from '#arena/arena-contracts.js';
import { EntityClient } from '@ccgame/entities';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { type GameNats, startGameNats, startServer, type StartedServer, tokenOf } from '@ccgame/testing';
import { LightClient } from '../connector/light-client.js';
import type { BenchGame, BenchPlayer, BenchSize } from './bench-game.js';
import { BenchView } from './bench-view.js';
import { ByteMeter } from './byte-meter.js';

const version = '1.0.0000';
const env = {
  SESSION_RATE: '1000',
  SESSION_BURST: '1000',
  CONNECTION_RATE_PER_ADDRESS: '10000',
  HANDSHAKE_RATE: '10000',
};

interface SeenState {
  discs: { id: string; inputs: number }[];
}

/**
 * The arena on ccgame: one arena server, one connector and nats-server.
 *
 * @param isStored false: inputs are volatile, and not answered, as on Colyseus
 */
export async function openCcgame({ rooms, seats }: BenchSize, isStored: boolean): Promise<BenchGame> {
  const nats = await startGameNats();
  const servers = await Promise.all(
    ['arena', 'connector'].map((serverType) => startOne(serverType, nats, isStored)),
  );
  const [room, door] = servers;
  await Promise.all(servers.map((server) => server.process.untilReady()));
  const connection = await connect({ servers: nats.address });
  const identity = { serverId: 'games-bench-0', serverType: 'games', version };
  const rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 30_000 });
  const entities = new EntityClient(rpc);
  const meter = await ByteMeter.before(door.port);
  const clients: LightClient[] = [];
  const players: BenchPlayer[] = [];
  for (let index = 0; index < rooms; index += 1) {
    const ids = Array.from({ length: seats }, (_, seat) => `p${index}-${seat}`);
    await entities.create(arena, `r${index}`, { players: ids });
    for (const id of ids) {
      const player = new LightPlayer(`http://127.0.0.1:${meter.port}`, id, `r${index}`, isStored);
      clients.push(await player.client.open());
      await entities.join(arena, `r${index}`, id);
      players.push(player);
    }
  }
  return {
    players,
    meter,
    processes: { room: room.process.pid ?? 0, connector: door.process.pid ?? 0, nats: nats.pid ?? 0 },
    async stop() {
      for (const client of clients) client.close();
      rpc.onApplicationShutdown();
      await connection.close();
      await Promise.all(servers.map((server) => server.process.stop(10_000)));
      await nats.destroy();
    },
  };
}

/** Loaded from the built files, as the contracts' module is exchanged where inputs are to be volatile. */
function startOne(serverType: string, nats: GameNats, isStored: boolean): Promise<StartedServer> {
  const root = process.cwd();
  const hook = pathToFileURL(join(root, 'bench/rooms/volatile-steer.mjs'));
  return startServer({
    root,
    serverType,
    version,
    nats,
    logFolder: nats.folder,
    entry: `dist/apps/${serverType}/src/main.js`,
    env: { ...env, LOG_LEVEL: 'warn', ...(!isStored && { NODE_OPTIONS: `--import=${hook.href}` }) },
  });
}

class LightPlayer implements BenchPlayer {
  onView?: (inputs: number) => void;
  readonly client: LightClient;
  private lastId = 0;

  constructor(
    url: string,
    playerId: string,
    private readonly roomId: string,
    private readonly isAnswered: boolean,
  ) {
    const view = new BenchView<SeenState>(
      () => this.client.request(this.messageOf('arena.arena_view', {})),
      ({ discs }) => {
        const own = discs.find(({ id }) => id === playerId);
        if (own) this.onView?.(own.inputs);
      },
    );
    this.client = new LightClient({
      url,
      auth: { token: tokenOf(playerId), version },
      onPush: (push) => view.receivePush(push),
    });
  }

  steer(x: number, y: number): void {
    const message = this.messageOf('arena.steer', { x, y });
    if (this.isAnswered) this.client.request(message);
    else this.client.notify(message);
  }

  private messageOf(route: string, data: object): string {
    const timestamp = (this.lastId = Math.max(Date.now(), this.lastId + 1));
    return JSON.stringify({ route, timestamp, data: { roomId: this.roomId, ...data } });
  }
}
