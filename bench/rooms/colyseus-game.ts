import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort } from '@ccgame/testing';
import type { BenchGame, BenchPlayer, BenchSize } from './bench-game.js';
import { ByteMeter } from './byte-meter.js';

const folder = join(process.cwd(), 'bench/rooms/colyseus');

/** The part of @colyseus/sdk that the bench uses, which is installed when the bench runs first. */
interface Sdk {
  Client: new (url: string) => {
    create(name: string, options: object): Promise<SdkRoom>;
    joinById(roomId: string, options: object): Promise<SdkRoom>;
  };
}

interface SdkRoom {
  roomId: string;
  state: { discs: Iterable<{ id: string; inputs: number }> };
  send(type: string, message: object): void;
  onStateChange(listener: () => void): void;
  leave(consented: boolean): Promise<number>;
}

/** The versions of its package-lock.json. npm can't get the package `colyseus`: it depends on a git repository. */
function loadSdk(): Sdk {
  if (!existsSync(join(folder, 'node_modules'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return createRequire(join(folder, 'server.mjs'))('@colyseus/sdk') as Sdk;
}

/** The arena's twin on Colyseus: one process. */
export async function openColyseus({ rooms, seats }: BenchSize): Promise<BenchGame> {
  const { Client } = loadSdk();
  const port = await freePort();
  const env = { ...process.env, NODE_ENV: 'production', PORT: String(port) };
  const child = fork(join(folder, 'server.mjs'), { cwd: folder, env });
  await once(child, 'message');
  const meter = await ByteMeter.before(port);
  const players: SdkPlayer[] = [];
  for (let index = 0; index < rooms; index += 1) {
    const ids = Array.from({ length: seats }, (_, seat) => `p${index}-${seat}`);
    let roomId: string | undefined;
    for (const playerId of ids) {
      const client = new Client(`ws://127.0.0.1:${meter.port}`);
      const options = { players: ids, playerId };
      const room = await (roomId === undefined
        ? client.create('arena', options)
        : client.joinById(roomId, options));
      roomId = room.roomId;
      players.push(new SdkPlayer(playerId, room));
    }
  }
  return {
    players,
    meter,
    processes: { room: child.pid ?? 0 },
    async stop() {
      await Promise.all(players.map((player) => player.room.leave(true)));
      child.kill('SIGKILL');
    },
  };
}

class SdkPlayer implements BenchPlayer {
  onView?: (inputs: number) => void;

  constructor(
    playerId: string,
    readonly room: SdkRoom,
  ) {
    room.onStateChange(() => {
      for (const { id, inputs } of room.state.discs) if (id === playerId) this.onView?.(inputs);
    });
  }

  steer(x: number, y: number): void {
    this.room.send('steer', { x, y });
  }
}
