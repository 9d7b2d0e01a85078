import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import {
  accountsManifest,
  NatsCluster,
  type NatsServer,
  PlayerNetwork,
  startGameNats,
} from '@ccgame/testing';
import { Chaos } from './chaos.js';
import { judgePushes, judgeRequests, noVerdict, type PushVerdict } from './checker.js';
import { Fleet, versions } from './fleet.js';
import { Ledger } from './ledger.js';
import { PlainPlayer } from './plain-player.js';
import type { TorturedPlayer } from './player.js';
import { Publisher } from './publisher.js';
import { faultsOf, type Report, tableOf } from './report.js';
import { SdkPlayer } from './sdk-player.js';

/**
 * `npm run torture -- --sockets 2000 --minutes 3`: real connectors, back ends, nats-server, SDK and plain clients; while servers
 * are killed, paused and moved, a checker that knows what was sent reads what each client got. Exit code 1: it found a fault.
 */
const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '3' },
    connectors: { type: 'string', default: '2' },
    pause: { type: 'string', default: '2000' },
    /** Only what begins so, such as `nats-server`. */
    only: { type: 'string', default: '' },
    /** Three nats-servers, of which one at a time is hit. */
    'nats-cluster': { type: 'boolean', default: false },
    /** How many of them keep each stream; all when left out. */
    replicas: { type: 'string' },
  },
});
const sockets = Number(values.sockets);
const durationMs = Number(values.minutes) * 60_000;
/** All players together, so that two cores bear it. */
const pushEveryMs = Math.max(250, sockets / 1.5);
const askEveryMs = Math.max(2_000, sockets * 5);
const settleMs = 60_000;
const answeredWithinMs = 10_000;
const ports = 16;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const startedAt = Date.now();
const tell = (line: string): void =>
  void process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);

process.exitCode = await torture();
process.exit();

async function torture(): Promise<number> {
  const nats = values['nats-cluster']
    ? await NatsCluster.start()
    : await startGameNats({ accounts: accounts() });
  const fleet = new Fleet(
    process.cwd(),
    nats,
    nats.folder,
    values.replicas ?? (values['nats-cluster'] ? '3' : '1'),
  );
  const network = new PlayerNetwork({ connector: fleet.choose });
  network.version = versions[0];
  let isGood = false;
  try {
    await network.open(ports);
    await fleet.start(Number(values.connectors));
    const publisher = await Publisher.open(nats.address);
    const report = await run(fleet, network, nats, publisher);
    process.stdout.write(`\n${tableOf(report)}\n`);
    isGood = faultsOf(report).every(([, count]) => count === 0);
    await publisher.close();
  } finally {
    network.close();
    await fleet.stop();
    if (isGood) await nats.destroy();
    else tell(`logs: ${nats.folder}`);
    await nats.stop('SIGKILL');
  }
  return isGood ? 0 : 1;
}

/** The back end writes down what it ran, for which its user has a right more. */
function accounts(): string {
  const shipped = readFileSync(accountsManifest, 'utf8');
  const own = '"matches.ticket.*"';
  if (!shipped.includes(own)) throw new Error(`${accountsManifest} has no ${own}`);
  return shipped.replace(own, `"torture.ran", ${own}`);
}

async function run(
  fleet: Fleet,
  network: PlayerNetwork,
  nats: NatsServer | NatsCluster,
  publisher: Publisher,
): Promise<Report> {
  const ledger = new Ledger();
  const chaos = new Chaos(fleet, network, nats, (deed) => {
    ledger.deed = deed;
    tell(deed);
  });
  const players = await connectPlayers(network, ledger);
  for (const player of players) player.diary.begin();
  publisher.start(
    players.map(({ playerId }) => playerId),
    pushEveryMs,
  );
  const endsAt = Date.now() + durationMs;
  const asking = Promise.all(players.map((player) => askUntil(player, endsAt)));
  await chaos.run(endsAt, Number(values.pause), values.only);
  await fleet.untilReady();
  tell('calm');
  await Promise.all([asking, publisher.stop()]);
  const lateAfter = await settle(players, publisher);
  const answered = await Promise.all(players.map(isAnswered));
  const runs = await publisher.runs();
  const notOnline = players.filter(({ isOnline }) => !isOnline).length;
  const verdicts = players.map((player) =>
    judgePushes(publisher.sent.get(player.playerId) ?? [], player.diary.told, { lateAfter }),
  );
  for (const player of players) player.close();
  return {
    players: players.length,
    plain: players.filter((player) => player instanceof PlainPlayer).length,
    seconds: durationMs / 1000,
    chaos: chaos.counts,
    pushes: {
      ...sum(verdicts),
      sent: [...publisher.sent.values()].reduce((count, { length }) => count + length, 0),
    },
    requests: judgeRequests(ledger.asked, ledger.ends, runs),
    notAcknowledged: publisher.failed,
    notOnline,
    notAnswered: answered.filter((isTrue) => !isTrue).length,
    moves: ledger.moves,
    resumes: ledger.resumes,
    silencesMs: players.map(({ diary }) => diary.longestSilenceMs),
    errors: ledger.errors,
  };
}

/** Every second one is a plain socket.io client. A hundred at a time, so that two cores bear it. */
async function connectPlayers(network: PlayerNetwork, ledger: Ledger): Promise<TorturedPlayer[]> {
  const players: TorturedPlayer[] = [];
  for (let index = 0; index < sockets; index += 1) {
    const Player = index % 2 === 0 ? SdkPlayer : PlainPlayer;
    players.push(new Player(`p${index}`, network.url, ledger));
    if (index % 100 === 99) await sleep(100);
  }
  await Promise.all(players.map((player) => player.ready));
  tell(`${players.length} players are online`);
  return players;
}

async function askUntil(player: TorturedPlayer, endsAt: number): Promise<void> {
  await sleep(Math.random() * askEveryMs);
  while (Date.now() < endsAt) {
    await player.ask();
    await sleep(askEveryMs * (0.5 + Math.random()));
  }
}

/** A server may still be refusing some of so many at once: the player asks for a while. */
async function isAnswered(player: TorturedPlayer): Promise<boolean> {
  for (const until = Date.now() + answeredWithinMs; Date.now() < until; await sleep(1_000))
    if (await player.ask()) return true;
  return false;
}

/** Until everybody has the last push that was sent to them; after a minute what comes is late, and after a second one lost. */
async function settle(players: TorturedPlayer[], publisher: Publisher): Promise<number> {
  const lateAfter = Date.now() + settleMs;
  const isDone = ({ playerId, isOnline, diary }: TorturedPlayer) =>
    isOnline && diary.last === (publisher.sent.get(playerId)?.length ?? 0) - 1;
  while (Date.now() < lateAfter + settleMs && !players.every(isDone)) await sleep(100);
  await sleep(500);
  return lateAfter;
}

function sum(verdicts: PushVerdict[]): PushVerdict {
  const total = noVerdict();
  for (const verdict of verdicts)
    for (const key in total) total[key as keyof PushVerdict] += verdict[key as keyof PushVerdict];
  return total;
}
