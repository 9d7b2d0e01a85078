import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { PlainPlayer } from './plain-player.js';
import type { Stack } from './stack.js';

/** The things that are judged, by where they are stored. */
export type Stored = 'pushes' | 'inputs' | 'results';

export interface Fault {
  name: string;
  /** It destroys what is stored: players may miss pushes there, when they are told so, and inputs and results. */
  destroys?: readonly Stored[];
  /** How long it lasts, ms. */
  holdMs: number;
  begin(stack: Stack, players: readonly PlainPlayer[]): Promise<unknown>;
  end?(stack: Stack): Promise<unknown>;
}

const restartMs = 500;
const doneWithinMs = 60_000;
/** By then a job has loaded what it needs, and is at NATS. */
const jobAtWorkMs = 700;

const killed = (type: string): Fault => ({
  name: `${type} SIGKILL`,
  holdMs: restartMs,
  begin: (stack) => stack.one(type).process.kill(),
  end: async (stack) => stack.startAgain(stack.one(type)),
});

const stopped = (type: string, seconds: number): Fault => ({
  name: `${type} SIGSTOP ${seconds} s`,
  holdMs: seconds * 1_000,
  begin: async (stack) => stack.one(type).process.signal('SIGSTOP'),
  end: async (stack) => stack.one(type).process.signal('SIGCONT'),
});

const natsStopped = (seconds: number): Fault => ({
  name: `nats-server SIGSTOP ${seconds} s`,
  holdMs: seconds * 1_000,
  begin: async ({ nats }) => nats.pause(),
  end: async ({ nats }) => nats.resume(),
});

/** By stream: what is in no other one. */
const holds: Record<string, readonly Stored[]> = {
  KV_sessions: [],
  KV_once: [],
  MATCHES: [],
  PUSH: ['pushes'],
  ENTITIES_ARENA: ['inputs'],
  LEADERBOARD_RESULTS: ['results'],
  LEADERBOARDS: ['results'],
};
const everything: readonly Stored[] = ['pushes', 'inputs', 'results'];

const deleted = (stream: string): Fault => ({
  name: `${stream} deleted`,
  destroys: holds[stream],
  holdMs: 0,
  begin: ({ operator }) => untilDone(async () => (await jetstreamManager(operator)).streams.delete(stream)),
});

/** The deeds that an operator repeats while another fault keeps them from being done. */
async function untilDone(work: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + doneWithinMs;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(restartMs);
    }
  }
}

const clockOff = (type: string): Fault => ({
  name: `${type}: clock +10 min`,
  holdMs: 3_000,
  begin: (stack) => restartWith(stack, type, `--import=${join(process.cwd(), 'proof/chaos/clock-off.mjs')}`),
  end: (stack) => restartWith(stack, type, ''),
});

async function restartWith(stack: Stack, type: string, options: string): Promise<void> {
  const server = stack.one(type);
  await server.process.kill();
  server.process.options.env.NODE_OPTIONS = options;
  stack.startAgain(server);
}

const halfOpen: Fault = {
  name: 'half-open connections',
  // From its first moment: a player learns of it by the server's pings alone, and is to be back within 10 s of it.
  holdMs: 0,
  begin: async ({ network }) => network.halfOpen(0.5) || network.halfOpen(1),
};

const slowConsumer: Fault = {
  name: 'slow consumer 5 s',
  holdMs: 5_000,
  begin: async (_, players) => players[0]?.stopReading(5_000),
};

const fullDisk: Fault = {
  name: 'disk full 5 s',
  destroys: everything,
  holdMs: 5_000,
  begin: async ({ disk }) => disk.fill(),
  // As the runbook says: space first, then a restart, without which nats-server 2.15 takes nothing more.
  end: async ({ disk, nats }) => {
    disk.free();
    await nats.restart('SIGTERM');
  },
};

const storeDeleted: Fault = {
  name: 'store deleted',
  destroys: everything,
  holdMs: 0,
  begin: async ({ nats, disk }) => {
    await nats.stop('SIGKILL');
    for (const entry of readdirSync(disk.folder)) rmSync(join(disk.folder, entry), { recursive: true });
  },
  end: ({ nats }) => nats.start(),
};

const jobKilled: Fault = {
  name: 'cron SIGKILL',
  holdMs: 0,
  begin: async ({ nats }) => {
    const { child, ended } = startJob(nats.addressOf('cron'));
    await sleep(jobAtWorkMs);
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
    await untilDone(() => startJob(nats.addressOf('cron')).ended);
  },
};

/** As a CronJob: a job that fails is run again. */
const jobStopped = (seconds: number): Fault => ({
  name: `cron SIGSTOP ${seconds} s`,
  holdMs: 0,
  begin: async ({ nats }) => {
    const { child, ended } = startJob(nats.addressOf('cron'));
    await sleep(jobAtWorkMs);
    child.kill('SIGSTOP');
    await sleep(seconds * 1_000);
    child.kill('SIGCONT');
    await ended.catch(() => untilDone(() => startJob(nats.addressOf('cron')).ended));
  },
});

/** `ended` rejects where it does not end with 0. */
function startJob(natsAddress: string): { child: ChildProcess; ended: Promise<void> } {
  const labels = { SERVER_ID: 'cron-0', SERVER_TYPE: 'cron', VERSION: '1.0.0000', NODE_ENV: 'dev' };
  const env = { PATH: process.env.PATH, ...labels, NATS_ADDRESS: natsAddress };
  const args = ['dist/servers/cron.js', 'settleLeaderboards'];
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The job ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  return { child, ended };
}

const types = ['connector', 'matching', 'http', 'storage', 'arena'];

export const faults: readonly Fault[] = [
  ...types.map(killed),
  {
    name: 'nats-server SIGKILL',
    holdMs: restartMs,
    begin: ({ nats }) => nats.stop('SIGKILL'),
    end: ({ nats }) => nats.start(),
  },
  ...types.flatMap((type) => [stopped(type, 5), stopped(type, 12)]),
  natsStopped(5),
  natsStopped(12),
  halfOpen,
  slowConsumer,
  ...Object.keys(holds).map(deleted),
  clockOff('connector'),
  clockOff('http'),
  clockOff('matching'),
  clockOff('arena'),
  jobKilled,
  jobStopped(5),
  jobStopped(12),
  fullDisk,
  storeDeleted,
];

/** @throws Error where there is none of that name */
export function faultNamed(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (!found) throw new Error(`There is no fault ${name}`);
  return found;
}
