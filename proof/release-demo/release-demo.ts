import { connect } from '@nats-io/transport-node';
import { countTickets, DevTarget, OperatorRpc, takeRoster } from '@ccgame/cli';
import { Account } from './account.js';
import { Backend } from './backend.js';
import { Pusher } from './pusher.js';
import { Robot } from './robot.js';

const [old, next] = ['1.0.0000', '1.0.0001'];

/** A whole release: what an operator types, and what for. */
const steps: Array<[command: string, purpose: string]> = [
  [`deploy ${next} --why demo`, 'The new version starts beside the old one; nobody gets it yet.'],
  [
    `canary ${next} --weight 10 --move-now --guard --guard-seconds 5`,
    'A tenth of the players try it, and a guard compares them with the others.',
  ],
  [`canary ${next} --weight 100 --move-now`, 'Everybody tries it.'],
  [`rollback ${next} --move-now`, 'Something is wrong with it, let us say: back with everybody.'],
  [`promote ${next} --move-now`, 'It is mended: it becomes the stable version.'],
  ['rollback --move-now', 'Still not good: the former version is the stable one again.'],
  [`promote ${next} --move-now`, 'Now it stays.'],
  [`retire ${old}`, 'The old version goes when its last player and ticket have left.'],
  ['history', 'Who did what, and why.'],
];

const loginsAtOnce = 10;

export interface DemoOptions {
  root: string;
  robots: number;
  /** How long the robots play between two commands. */
  playMs: number;
  tell: (line: string) => void;
}

/**
 * Takes a backend through a release while robots play on it.
 *
 * @returns what the robots counted
 * @throws Error when a command fails
 */
export async function releaseDemo({ root, robots, playMs, tell }: DemoOptions): Promise<Account> {
  const account = new Account();
  tell(`starting ${old}`);
  const backend = await Backend.start(root, old ?? '', 2);
  const players: Robot[] = [];
  const pusher = await Pusher.open(backend.dev.natsAddress, account);
  let clock: NodeJS.Timeout | undefined;
  try {
    while (players.length < robots) {
      const few = Array.from({ length: Math.min(loginsAtOnce, robots - players.length) }, () =>
        Robot.login(backend.dev.publicUrl, account),
      );
      players.push(...(await Promise.all(few)));
    }
    tell(
      `${robots} robots play on ${backend.dev.publicUrl}: they queue, are matched, ask over HTTP, and get a numbered`,
    );
    tell('push a second each. They count what they miss while their servers are replaced under them.');
    pusher.start(players.map(({ playerId }) => playerId));
    for (const player of players) player.play();
    clock = setInterval(() => tell(`  · ${account.line()}`), 2_000);
    await sleep(playMs);
    for (const [command, purpose] of steps) {
      tell('');
      tell(`# ${purpose}`);
      tell(`$ ccgame release ${command}`);
      const { code, text } = await backend.ccgame(['release', ...command.split(' ')], tell);
      if (code !== 0) throw new Error(`"release ${command}" failed: ${text}`);
      await sleep(playMs);
    }
    clearInterval(clock);
    await settle(backend, account, players, pusher);
    return account;
  } finally {
    clearInterval(clock);
    await pusher.stop();
    for (const player of players) player.leave();
    await pusher.close();
    await backend.stop();
  }
}

/** Lets everything that is under way arrive, then counts what is left. */
async function settle(backend: Backend, account: Account, players: Robot[], pusher: Pusher): Promise<void> {
  await Promise.all(players.map((player) => player.pause()));
  await pusher.stop();
  const nats = await connect({ servers: backend.dev.natsAddress });
  const target = new DevTarget(backend.dev.controlUrl, backend.path);
  const session = { operator: new OperatorRpc(nats), target, without: [] };
  try {
    for (let waited = 0; waited < 5_000 && (account.lost > 0 || account.dropped !== 0); waited += 250) {
      const roster = await takeRoster(session);
      const counts = await Promise.all(
        [old, next].map((version) => countTickets(session, roster, version ?? '')),
      );
      account.stillWaiting = counts.reduce((sum, { count }) => sum + count.tickets + count.elsewhere, 0);
      await sleep(250);
    }
  } finally {
    session.operator.close();
    await nats.close();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
