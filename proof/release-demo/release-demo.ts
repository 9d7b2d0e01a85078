import { connect } from '@nats-io/transport-node';
import { join } from 'node:path';
import {
  countTickets,
  DevTarget,
  loadRobot,
  OperatorRpc,
  type RobotNotes,
  RobotTeam,
  takeRoster,
} from '@ccgame/cli';
import { Account } from './account.js';
import { Backend, type CommandResult } from './backend.js';
import { Pusher } from './pusher.js';
import { Robot } from './robot.js';

const [old, next] = ['1.0.0000', '1.0.0001'] as const;

/** The command of an operator, or the server type of which one server is killed, and the purpose. */
type DemoStep = { purpose: string } & ({ command: string } | { kill: string });

/** A whole release; `brief` leaves out the canary of everybody, its rollback, and the history. */
function stepsOf({ from, brief = false }: Pick<DemoOptions, 'from' | 'brief'>): DemoStep[] {
  const everybody: DemoStep[] = [
    { command: `canary ${next} --weight 100 --move-now`, purpose: 'Everybody tries it.' },
    {
      command: `rollback ${next} --move-now`,
      purpose: 'Something is wrong with it, let us say: back with everybody.',
    },
  ];
  return [
    {
      command: `deploy ${next} --why demo${from === undefined ? '' : ` --from ${from}`}`,
      purpose: 'The new version starts beside the old one; nobody gets it yet.',
    },
    {
      // A tenth of ten robots is often nobody, and a guard that saw nobody fails.
      command: `canary ${next} --weight 50 --move-now --guard --guard-seconds 5`,
      purpose: 'Half of the players try it, and a guard compares them with the others.',
    },
    ...(brief ? [] : everybody),
    {
      command: `promote ${next} --move-now`,
      purpose: 'It is mended: it becomes the stable version, and goes on with the open arenas.',
    },
    {
      command: 'rollback --move-now',
      purpose: 'Still not good: the former version is the stable one again.',
    },
    { command: `promote ${next} --move-now`, purpose: 'Now it stays.' },
    { kill: 'arena', purpose: 'A server of the arenas dies.' },
    { command: `retire ${old}`, purpose: 'The old version goes when its last player and ticket have left.' },
    ...(brief ? [] : [{ command: 'history', purpose: 'Who did what, and why.' }]),
  ];
}

const loginsAtOnce = 10;

export interface DemoOptions {
  root: string;
  robots: number;
  /** Robots that play in arenas, four in each. */
  arenaRobots: number;
  /** The code of the new version: a git ref or a folder; what is built here when left out. */
  from?: string;
  /** Leaves out steps that others cover. */
  brief?: boolean;
  /** How long the robots play between two commands. */
  playMs: number;
  /** Between two requests of a robot, on the average; left out: a second. */
  restMs?: number;
  tell: (line: string) => void;
  /** Runs `ccgame <args>` in a folder; left out: as a process of its own, as a person would. */
  ccgame?: (args: string[], onLine: (line: string) => void, folder: string) => Promise<CommandResult>;
}

/** The counts of all robots. */
export interface DemoResult {
  account: Account;
  arenas: RobotNotes;
}

/**
 * Takes a backend through a release while robots play on it.
 *
 * @throws Error when a command fails
 */
export async function releaseDemo(options: DemoOptions): Promise<DemoResult> {
  const { root, robots, arenaRobots, playMs, restMs, tell } = options;
  const account = new Account();
  tell(`starting ${old}`);
  const backend = await Backend.start(root, old, `connector=2,arena=${arenaRobots > 0 ? 2 : 1}`);
  const players: Robot[] = [];
  const arenas = new RobotTeam(backend.dev.publicUrl, await loadRobot(root, join('examples', 'arena')));
  const pusher = await Pusher.open(backend.dev.natsAddress, account);
  let clock: NodeJS.Timeout | undefined;
  try {
    while (players.length < robots) {
      const few = Array.from({ length: Math.min(loginsAtOnce, robots - players.length) }, () =>
        Robot.login(backend.dev.publicUrl, account, restMs),
      );
      players.push(...(await Promise.all(few)));
    }
    await arenas.addPlayers(arenaRobots);
    tell(
      `${robots} robots play on ${backend.dev.publicUrl}: they queue, are matched, ask over HTTP, and get a numbered`,
    );
    tell(
      `push a second each. ${arenaRobots} more play in arenas. They count what they miss while their servers are`,
    );
    tell('replaced under them.');
    pusher.start(players.map(({ playerId }) => playerId));
    for (const player of players) player.play();
    clock = setInterval(() => tell(`  · ${account.line()}`), 2_000);
    await sleep(playMs);
    for (const step of stepsOf(options)) {
      if ('kill' in step && arenaRobots === 0) continue;
      tell('');
      tell(`# ${step.purpose}`);
      await takeStep(backend, step, options);
      await sleep(playMs);
    }
    clearInterval(clock);
    await arenas.stopPlaying();
    await settle(backend, account, players, pusher);
    return { account, arenas: arenas.notes };
  } finally {
    clearInterval(clock);
    await arenas.stopPlaying().catch(() => {});
    await pusher.stop();
    for (const player of players) player.leave();
    await pusher.close();
    await backend.stop();
  }
}

async function takeStep(backend: Backend, step: DemoStep, { tell, ccgame }: DemoOptions): Promise<void> {
  if ('kill' in step) {
    const { serverId, pid } = await backend.serverOf(step.kill, next);
    tell(`$ kill -9 ${pid}  (${serverId})`);
    process.kill(pid, 'SIGKILL');
    return;
  }
  tell(`$ ccgame release ${step.command}`);
  const args = ['release', ...step.command.split(' ')];
  const { code, text } = await (ccgame?.(args, tell, backend.path) ?? backend.ccgame(args, tell));
  if (code !== 0) throw new Error(`"release ${step.command}" failed: ${text}`);
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
      const counts = await Promise.all([old, next].map((version) => countTickets(session, roster, version)));
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
