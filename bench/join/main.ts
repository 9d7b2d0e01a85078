// npm run bench:join [-- --players 4000 --rounds 3 --inFlight 256 --crowd 100000]
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { explainHandlers } from '@ccgame/matchmaker';
import { ensureStream } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { startGameNats, type StartedServer, startServer } from '@ccgame/testing';
import { median, quantile, round } from '../connector/statistics.js';
import { besideCrowd } from './beside-crowd.js';
import { waitingCrowdMode } from './crowd.js';
import { declare } from './declare.js';
import { type Load, Players } from './load.js';
import { rawWrites } from './raw-writes.js';

/**
 * Durable joins a second through the whole stack: socket, connector, NATS, matching server, file, and back. Against it stand
 * bare writes of the same size to a stream of the same kind, from one process, in the same run.
 *
 * Then 100,000 tickets wait beside them, are brought into new partitions as their mode changes, matched in one full pass and
 * in steady ones, and explained, all by the same server: how long is a slice of that, and what do joins notice?
 */
const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '3' },
    inFlight: { type: 'string', default: '256' },
    crowd: { type: 'string', default: '100000' },
  },
});
const [count, rounds, inFlight] = [Number(values.players), Number(values.rounds), Number(values.inFlight)];
const version = '1.0.0000';
const regions = Array.from({ length: 10 }, (_, i) => `r${i}`);
const crowdSize = Number(values.crowd);
const base = { teams: 2, teamSize: 1, maxParty: 1, hardKeys: ['region'] };
const region = { type: 'enum', values: regions };
/** Nobody fits anybody; and everybody does. */
const modes = [
  {
    ...base,
    name: 'bench-wait',
    attributes: { region, skill: { type: 'number', min: 0, max: 1e9 } },
    skill: { attribute: 'skill', start: 0, perSecond: 0 },
    longestWaitMs: 86_400_000,
  },
  { ...base, name: 'bench-play', attributes: { region } },
  waitingCrowdMode,
];

Logger.overrideLogger(false);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const nats = await startGameNats();
const connection = await connect({ servers: nats.address });
const rpc = new RpcService(connection, new NatsHealth(connection), {
  identity: { serverId: 'games-bench-0', serverType: 'games', version },
  timeoutMs: 5_000,
});
const servers: StartedServer[] = [];
const players = new Players();
try {
  await declareModes(connection);
  const connector = await start('connector');
  const matching = await start('matching');
  await players.open(`http://127.0.0.1:${connector.port}`, count);
  say(`${count} players are connected`);
  const raw: number[] = [];
  const waiting: Load[] = [];
  const playing: Load[] = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    raw.push(await rawWrites(connection, count, inFlight));
    waiting.push(
      await joinAll('bench-wait', (player) => ({ region: regionOf(player), skill: player * 1000 })),
    );
    await players.askAll('matching.user_leave_matching', inFlight, () => ({}));
    playing.push(await joinAll('bench-play', (player) => ({ region: regionOf(player) })));
    await players.askAll('matching.user_leave_matching', inFlight, () => ({}));
  }
  const crowd = await besideCrowd({
    nats: connection,
    healthPort: matching.healthPort,
    size: crowdSize,
    joinAndLeave,
    explain: (ticketId) => rpc.doRPC({ handler: explainHandlers.any }, { ticketId }),
  });
  const result = {
    bench: 'join',
    joins_per_s: round(median(waiting.map(({ perSecond }) => perSecond))),
    raw_writes_per_s: round(median(raw)),
    ratio: round(median(waiting.map(({ perSecond }, turn) => perSecond / (raw[turn] ?? 1))), 3),
    ...latencyOf(waiting),
    matched: {
      joins_per_s: round(median(playing.map(({ perSecond }) => perSecond))),
      ...latencyOf(playing),
    },
    crowd: { ...crowd.result, while_idle: latencyOf(crowd.idle), while_matching: latencyOf(crowd.loads) },
    failed: [...waiting, ...playing, ...crowd.idle, ...crowd.loads].reduce(
      (sum, { failed }) => sum + failed,
      0,
    ),
  };
  say(JSON.stringify(result));
} finally {
  players.close();
  await Promise.all(servers.map((server) => server.process.stop(5_000)));
  rpc.onApplicationShutdown();
  await connection.close();
  await nats.destroy();
}
process.exit();

function joinAll(mode: string, attributes: (player: number) => object): Promise<Load> {
  return players.askAll('matching.user_join_matching', inFlight, (player) => ({
    mode,
    attributes: attributes(player),
  }));
}

function latencyOf(loads: Load[]): { p50_ms: number; p99_ms: number } {
  const of = (share: number): number =>
    round(median(loads.map(({ latencies }) => quantile(latencies, share))), 1);
  return { p50_ms: of(0.5), p99_ms: of(0.99) };
}

function regionOf(player: number): string {
  return regions[player % regions.length] ?? '';
}

async function start(serverType: string): Promise<StartedServer> {
  const server = await startServer({
    root: process.cwd(),
    serverType,
    version,
    nats,
    logFolder: nats.folder,
    env: {
      SESSION_RATE: '1000000',
      SESSION_BURST: '1000000',
      HANDSHAKE_RATE: '100000',
      LOG_LEVEL: 'warn',
    },
  });
  servers.push(server);
  await server.process.untilReady();
  return server;
}

async function declareModes(bus: NatsConnection): Promise<void> {
  const bucket = { max_msgs_per_subject: 5, allow_direct: true, allow_rollup_hdrs: true, deny_delete: true };
  await ensureStream(await jetstreamManager(bus), {
    name: 'KV_modes',
    subjects: ['$KV.modes.>'],
    max_bytes: 2 ** 24,
    ...bucket,
  });
  for (const mode of modes) await declare(bus, mode);
}

async function joinAndLeave(): Promise<Load> {
  const load = await joinAll('bench-wait', (player) => ({ region: regionOf(player), skill: player * 1000 }));
  await players.askAll('matching.user_leave_matching', inFlight, () => ({}));
  return load;
}
