import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { freePort, rssMb } from '@ccgame/testing';
import { Redis } from 'ioredis';
import type { Figures, Load } from './load.js';
import { key } from './redis-questions.js';
import { run } from './run.js';

const batchSize = 1_000;

/** The yardstick: a sorted set that is asked the same over its own protocol. Needs `redis-server` on PATH (Debian: redis-server). */
export async function measureRedis(load: Load): Promise<Figures> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = once(server, 'error').then(([error]) => Promise.reject(error as Error));
  const redis = new Redis({ port, host: '127.0.0.1' });
  // It is refused until redis-server listens.
  redis.on('error', () => undefined);
  await Promise.race([new Promise((resolve) => redis.once('ready', resolve)), failed]);
  const emptyMb = rssMb(server.pid ?? 0);
  const startedAt = performance.now();
  await seed(redis, load.players);
  const loadMs = Math.round(performance.now() - startedAt);
  const bytesPerPlayer = Math.round(((rssMb(server.pid ?? 0) - emptyMb) * 2 ** 20) / load.players);
  const figures = await run(
    { whom: 'redis', port, load },
    (player) => redis.zincrby(key, Math.ceil(Math.random() * 30), player),
    { redis: server.pid ?? 0 },
  );
  redis.disconnect();
  await end(server);
  return { ...figures, loadMs, bytesPerPlayer };
}

async function seed(redis: Redis, players: number): Promise<void> {
  for (let first = 0; first < players; first += batchSize) {
    const count = Math.min(batchSize, players - first);
    const pairs = Array.from({ length: count }, (_, index) => [
      Math.floor(Math.random() * 1e6),
      `player-${first + index}`,
    ]);
    await redis.zadd(key, ...pairs.flat());
  }
}

async function end(server: ChildProcess): Promise<void> {
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}
