import { parseArgs } from 'node:util';
import { measureBoards } from './boards.js';
import { measureRedis } from './redis.js';
import type { Figures, Load } from './load.js';

/**
 * A board of a million players beside 500 writes a second: an http server with NATS, and then a Redis sorted set that is asked
 * the same, in one run on one machine. The last line is JSON.
 */
const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '15' },
    writes: { type: 'string', default: '500' },
    reads: { type: 'string', default: '200' },
  },
});
const load: Load = {
  players: Number(values.players),
  seconds: Number(values.seconds),
  writesPerSecond: Number(values.writes),
  readsPerSecond: Number(values.reads),
};

const boards = await measureBoards(load);
const redis = await measureRedis(load);
show('ccgame over HTTP', boards);
show('Redis', redis);
const ratio = Number((boards.readMs.p99 / redis.readMs.p99).toFixed(2));
process.stdout.write(`p99 of ccgame / p99 of Redis: ${ratio}\n`);
process.stdout.write(`${JSON.stringify({ load, boards, redis, ratio })}\n`);
process.exit(0);

function show(name: string, { readMs, writes, loadMs, bytesPerPlayer }: Figures): void {
  const { p50, p99, most } = readMs;
  process.stdout.write(
    `${name}: reads p50 ${p50} ms, p99 ${p99} ms, most ${most} ms; ${writes} writes; ` +
      `loaded in ${loadMs} ms; ${bytesPerPlayer} bytes a player\n`,
  );
}
