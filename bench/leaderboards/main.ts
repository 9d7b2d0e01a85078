import { parseArgs } from 'node:util';
import { measureBoards } from './boards.js';
import { measureRedis } from './redis.js';
import type { Figures, Load } from './load.js';
import { measureSettling } from './settling.js';

/**
 * A board of a million players beside 500 writes a second: an http server with NATS, and then a Redis sorted set that is asked
 * the same, in one run on one machine; then the board's settlement. The last line is JSON.
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
const settling = await measureSettling(load.players);
show('ccgame over HTTP', boards);
show('Redis', redis);
const ratio = Number((boards.medianSecondMs / redis.medianSecondMs).toFixed(2));
process.stdout.write(`p99 of the median second, ccgame / Redis: ${ratio}\n`);
process.stdout.write(
  `settled in ${settling.jobMs} ms; meanwhile a result was accepted after ${settling.longestAcceptedMs} ms at most, and shown after ${settling.longestShownMs} ms\n`,
);
process.stdout.write(`${JSON.stringify({ load, boards, redis, ratio, settling })}\n`);
process.exit(0);

function show(
  name: string,
  { readMs, medianSecondMs, cores, writes, loadMs, bytesPerPlayer }: Figures,
): void {
  const reads = Object.entries(readMs).map(
    ([question, { p50, p99, most }]) => `${question} p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`,
  );
  const used = Object.entries(cores).map(([process, share]) => `${process} ${share}`);
  process.stdout.write(
    `${name}: ${reads.join('; ')}; p99 of the median second ${medianSecondMs} ms; ${writes} writes; cores: ${used.join(', ')}; ` +
      `loaded in ${loadMs} ms; ${bytesPerPlayer} bytes a player\n`,
  );
}
