import { setTimeout as sleep } from 'node:timers/promises';
import { type ArenaStack, nextVersion, type StackSize, version } from './arena-stack.js';
import { machineMs } from './clock.js';
import { excusedUntil } from './room-line.js';
import type { Deed } from './transcript.js';

export interface DeedPlan {
  name: string;
  isSudden: boolean;
  /** All rooms go on in the other version. */
  movesRooms?: true;
  cause: (stack: ArenaStack, turn: number) => Promise<unknown>;
}

/** Longer than an owner is waited for: another one goes on meanwhile. */
const pausedMs = 3_000;
const natsPausedMs = 1_500;
/** Its rooms move one after the other. */
const stoppedWithinMs = 45_000;
const types = ['arena', 'connector'];

/** An arena server of the version that has the rooms, each in turn, or the connector with most players. */
function pick({ fleet, network, stable }: ArenaStack, type: string, turn: number): string {
  const running = fleet.running(type, type === 'arena' ? stable : version);
  const players = (id: string): number => network.countTo(fleet.servers.get(id)?.port ?? 0);
  if (type === 'connector') running.sort((one, other) => players(other) - players(one));
  const chosen = type === 'connector' ? running[0] : running[turn % running.length];
  if (!chosen) throw new Error(`No ${type} runs`);
  return chosen;
}

const endedBy = (type: string, signal: 'SIGKILL' | 'SIGTERM'): DeedPlan => ({
  name: `${type} ${signal}`,
  isSudden: type === 'arena' && signal === 'SIGKILL',
  cause: (stack, turn) => stack.fleet.restart(pick(stack, type, turn), signal),
});

const paused = (type: string): DeedPlan => ({
  name: `${type} SIGSTOP ${pausedMs / 1000} s`,
  isSudden: type === 'arena',
  cause: async (stack, turn) => {
    const id = pick(stack, type, turn);
    stack.fleet.signal(id, 'SIGSTOP');
    await sleep(pausedMs);
    stack.fleet.signal(id, 'SIGCONT');
  },
});

const promoted = (to: string, name: string): DeedPlan => ({
  name,
  isSudden: false,
  movesRooms: true,
  cause: (stack) => stack.promote(to),
});

/** The deeds, in this order and round again. */
const deedPlans: readonly DeedPlan[] = [
  endedBy('arena', 'SIGKILL'),
  promoted(nextVersion, 'release v1→v2'),
  endedBy('arena', 'SIGTERM'),
  endedBy('connector', 'SIGKILL'),
  promoted(version, 'rollback v2→v1'),
  {
    name: 'nats-server SIGKILL',
    isSudden: true,
    cause: ({ nats }) => nats.restart('SIGKILL'),
  },
  {
    name: 'scale up',
    isSudden: false,
    cause: ({ fleet, size }) =>
      fleet.add('arena', size.most - fleet.running('arena', version).length, version),
  },
  ...types.map(paused),
  {
    name: 'scale down',
    isSudden: false,
    cause: ({ fleet, size }) =>
      Promise.all(
        fleet
          .running('arena', version)
          .slice(size.least)
          .map((id) => fleet.stop(id, stoppedWithinMs)),
      ),
  },
  endedBy('connector', 'SIGTERM'),
  {
    name: `nats-server SIGSTOP ${natsPausedMs / 1000} s`,
    isSudden: true,
    cause: async ({ nats }) => {
      nats.pause();
      await sleep(natsPausedMs);
      nats.resume();
    },
  },
];

/** As an operator's host that loses its power: the database comes back with all that was committed. */
const databaseCrash: DeedPlan = {
  name: 'PostgreSQL SIGQUIT',
  isSudden: true,
  cause: async ({ postgres }) => {
    await postgres?.stop('SIGQUIT');
    await postgres?.start();
  },
};

/** Those of a run, by where its rooms are. */
export function plansFor({ store }: Pick<StackSize, 'store'>): readonly DeedPlan[] {
  return store === 'postgres' ? [...deedPlans, databaseCrash] : deedPlans;
}

/** How much longer a deed waits, ms: a planned one begins where no sudden one before it excuses what it does. */
export function restBefore(
  { isSudden }: Pick<DeedPlan, 'isSudden'>,
  before: readonly Deed[],
  now: number,
): number {
  return isSudden ? 0 : Math.max(0, excusedUntil(before) - now);
}

/** Does one, and says when. */
export async function carryOut(
  { name, isSudden, cause }: DeedPlan,
  stack: ArenaStack,
  turn: number,
): Promise<Deed> {
  const at = machineMs();
  await cause(stack, turn);
  return { name, isSudden, at, until: machineMs() };
}
