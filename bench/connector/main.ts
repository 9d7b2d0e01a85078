// npm run bench:connector [-- --rounds 5 --only storm,forwarded,local,push,resume,abuse,floods --seconds 10]
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { startGameNats, startNats, tokenOf } from '@ccgame/testing';
import { chosenNames, isSame } from '../../proof/chosen-names.js';
import { abuse, type Abuse } from './abuse.js';
import { floods, type Flooded } from './floods.js';
import { forward, type Forwarded, tokensOf } from './forwarding.js';
import { openPublisher, PushBench } from './pushes.js';
import { resumeTimes } from './resumes.js';
import { Setup } from './setup.js';
import { median, round } from './statistics.js';
import { storm } from './storm.js';

/**
 * A real connector with everything on, in turn with a bare socket.io forwarder, on one machine. Absolute numbers are this
 * machine's; the ratios count.
 */
const everything = ['storm', 'forwarded', 'local', 'push', 'resume', 'abuse', 'floods'];
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: everything.join() },
    /** How long each flood lasts, and the calm before it. */
    seconds: { type: 'string', default: '10' },
  },
});
const rounds = Number(values.rounds);
const chosen = new Set(chosenNames(everything, values.only.split(','), isSame));
const roundMs = 1_200;
const abuseMs = 3_000;
const stormSize = 10_000;
const resumeCount = 1_000;
const missedEach = 10;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const nats = await startGameNats();
const setup = new Setup(nats);
/** In the order of the last line; what was not chosen is left out of it. */
const result: Record<string, unknown> = {
  bench: 'connector',
  forwarded_50: undefined,
  forwarded_500: undefined,
  local_50: undefined,
  rss_kb_per_session: undefined,
  idle_cores: undefined,
  handshakes_per_s: undefined,
  handshakes_refused: undefined,
  push: undefined,
  resume_ms: undefined,
  replay_ms: undefined,
  abuse: undefined,
  floods: undefined,
};
try {
  const connector = await setup.connector();
  // First: what a session weighs is counted from a connector that has not served anybody.
  if (chosen.has('storm')) await stormed(connector);
  if (chosen.has('forwarded')) await forwarded(connector.url);
  if (chosen.has('local')) await answeredLocally();
  if (chosen.has('push')) await pushed();
  if (chosen.has('resume')) await resumed(connector.url);
  if (chosen.has('abuse')) await abused();
  if (chosen.has('floods')) await flooded();
  say(JSON.stringify(result));
} finally {
  await setup.stop();
  await nats.destroy();
}
process.exit();

async function forwarded(ccgame: string): Promise<void> {
  const bare = await setup.bare();
  await setup.echo();
  result.forwarded_50 = await interleave(bare, ccgame, 50, 4);
  result.forwarded_500 = await interleave(bare, ccgame, 500, 1);
}

/** Answered in the connector's own process, against a socket.io that does nothing else. */
async function answeredLocally(): Promise<void> {
  const bare = await setup.bare(['local']);
  const { url } = await setup.connector(3, undefined, 'dist/bench/connector/local-connector.js');
  result.local_50 = await interleave(bare, url, 50, 4, 'connector.echo');
}

async function stormed({ url, pid }: { url: string; pid: number }): Promise<void> {
  const players = Array.from({ length: stormSize }, (_, index) => ({ token: tokenOf(`s${index}`) }));
  const { perSecond, refused, rssKbPerSession, idleCores } = await storm(url, pid, players);
  say(
    `handshakes ${round(perSecond)}/s, ${refused} refused; ${round(rssKbPerSession, 1)} KB a session; ` +
      `${stormSize} idle sockets ${round(idleCores, 2)} of a core`,
  );
  result.idle_cores = round(idleCores, 2);
  result.rss_kb_per_session = round(rssKbPerSession, 1);
  result.handshakes_per_s = round(perSecond);
  result.handshakes_refused = refused;
}

async function pushed(): Promise<void> {
  const servers = { file: await startNats(), memory: await startNats() };
  const benches = {
    file: await PushBench.open(servers.file.address, 'file'),
    memory: await PushBench.open(servers.memory.address, 'memory'),
  };
  const got: Record<'file' | 'memory', { core: number; reliable: number }[]> = { file: [], memory: [] };
  try {
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const kind of ['file', 'memory'] as const) {
        got[kind].push({ core: await benches[kind].core(), reliable: await benches[kind].reliable() });
      }
    }
  } finally {
    for (const kind of ['file', 'memory'] as const) {
      await benches[kind].close();
      await servers[kind].destroy();
    }
  }
  const of = (all: { core: number; reliable: number }[]) => ({
    core: round(median(all.map(({ core }) => core))),
    reliable: round(median(all.map(({ reliable }) => reliable))),
    ratio: round(median(all.map(({ core, reliable }) => reliable / core)), 3),
  });
  result.push = { file: of(got.file), memory: of(got.memory) };
  say(`pushes/s: ${JSON.stringify(result.push)}`);
}

async function resumed(url: string): Promise<void> {
  const all = await withPublisher(nats.address, async (publisher) => {
    const times: Awaited<ReturnType<typeof resumeTimes>>[] = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      const ids = Array.from({ length: resumeCount }, (_, index) => `r${turn}-${index}`);
      const players = ids.map((playerId) => ({ playerId, auth: { token: tokenOf(playerId) } }));
      times.push(await resumeTimes(url, publisher, players, missedEach));
    }
    return times;
  });
  const of = (figure: 'p50' | 'p99' | 'replay') => round(median(all.map((one) => one[figure])));
  const lost = all.reduce((sum, one) => sum + one.lost, 0);
  result.replay_ms = of('replay');
  result.resume_ms = { p50: of('p50'), p99: of('p99'), failed: lost };
  say(
    `${resumeCount} players x ${missedEach} missed: ${JSON.stringify(result.resume_ms)}, read in ${of('replay')} ms`,
  );
}

async function abused(): Promise<void> {
  if (!chosen.has('forwarded')) await setup.echo();
  const { url } = await setup.connector(1, {});
  const all: Abuse[] = [];
  for (let turn = 0; turn < rounds; turn += 1) all.push(await abuse(url, turn, abuseMs));
  const of = (figure: 'calmMs' | 'abusedMs') => round(median(all.map((one) => one[figure])), 1);
  const bursts = all.reduce((sum, one) => sum + one.bursts, 0);
  result.abuse = { p99_calm_ms: of('calmMs'), p99_abused_ms: of('abusedMs'), bursts };
  say(
    `others' p99 while one player sends 10,000 at once and tries to come back: ${JSON.stringify(result.abuse)}`,
  );
}

async function flooded(): Promise<void> {
  if (!chosen.has('forwarded') && !chosen.has('abuse')) await setup.echo();
  const { url, pid } = await setup.connector(2, {});
  result.floods = await floods(url, pid, Number(values.seconds));
  for (const one of result.floods as Flooded[]) say(`flood: ${JSON.stringify(one)}`);
}

async function withPublisher<T>(
  address: string,
  use: (publisher: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const publisher = await openPublisher(address);
  try {
    return await use(publisher);
  } finally {
    await publisher.close();
  }
}

async function interleave(
  bare: string,
  ccgame: string,
  connections: number,
  depth: number,
  route?: string,
): Promise<object> {
  const auths = tokensOf(connections);
  const got: Record<'bare' | 'ccgame', Forwarded[]> = { bare: [], ccgame: [] };
  for (let turn = 0; turn < rounds; turn += 1) {
    got.bare.push(await forward(bare, auths, depth, roundMs, { route }));
    got.ccgame.push(await forward(ccgame, auths, depth, roundMs, { route }));
  }
  const of = (name: 'bare' | 'ccgame') => ({
    perSecond: median(got[name].map((one) => one.perSecond)),
    p99Ms: median(got[name].map((one) => one.p99Ms)),
  });
  const [yardstick, ours] = [of('bare'), of('ccgame')];
  const failed = got.ccgame.reduce((sum, one) => sum + one.failed, 0);
  const result = {
    bare: round(yardstick.perSecond),
    ccgame: round(ours.perSecond),
    ratio: round(ours.perSecond / yardstick.perSecond, 3),
    p99_ratio: round(ours.p99Ms / yardstick.p99Ms, 2),
    failed,
  };
  say(`${connections} connections: ${JSON.stringify(result)}`);
  return result;
}
