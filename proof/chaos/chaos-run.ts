import { setTimeout as sleep } from 'node:timers/promises';
import { tokenOf } from '@ccgame/testing';
import { judge, sumOf, type Verdict } from './checker.js';
import type { Fault, Stored } from './faults.js';
import { Matches } from './matches.js';
import { PlainPlayer } from './plain-player.js';
import { Publisher } from './publisher.js';
import { backWithinMs, playRound, type Round } from './round.js';
import { Stack } from './stack.js';
import { Steering } from './steering.js';

export interface Judged extends Round, Verdict {
  /** The part of it that is pushes, inputs and results. */
  parts?: Record<Stored, Verdict>;
}

const settleMs = 10_000;

/** Plays the rounds one after the other, each with pushes, a room and matches of its own that are judged when all of them have come. */
export async function runChaos(
  rounds: Iterable<readonly Fault[]>,
  playerCount: number,
  tell: (round: Judged) => void,
): Promise<Judged[]> {
  const stack = await Stack.start();
  const judged: Judged[] = [];
  try {
    for (const faults of rounds) {
      const round = await judgeRound(stack, faults, playerCount, judged.length);
      judged.push(round);
      tell(round);
    }
  } finally {
    await stack.stop();
  }
  return judged;
}

/** With players of its own: what one round left behind is not the next one's. */
async function judgeRound(
  stack: Stack,
  faults: readonly Fault[],
  playerCount: number,
  turn: number,
): Promise<Judged> {
  const open = (name: string): PlainPlayer => new PlainPlayer(name, stack.network.url, () => tokenOf(name));
  const players = Array.from({ length: playerCount }, (_, index) => open(`p${turn}-${index}`));
  const rivals = [open(`m${turn}-0`), open(`m${turn}-1`)] as const;
  const all = [...players, ...rivals];
  await until(() => all.every(({ isOnline }) => isOnline));
  const publisher = await Publisher.start(
    stack.nats.address,
    players.map(({ playerId }) => playerId),
  );
  try {
    const steering = await Steering.start(publisher.entities, `room-${turn}`, players);
    const matches = new Matches(stack.network.url, rivals);
    await until(() => players.every(({ heard }) => heard.length > 0) && matches.taken > 0);
    const round = await playRound({ stack, players, publisher, steering }, faults);
    await Promise.all([publisher.stop(), steering.stop(), matches.stop()]);
    await until(() => players.every((player) => hasAll(player, publisher))).catch(() => undefined);
    const maySkip = (what: Stored): boolean => round.destroys.includes(what);
    const pushes = players.map((player) =>
      judge(publisher.sentTo(player.playerId), player.heard, maySkip('pushes')),
    );
    const [inputs, results] = [steering.judge(maySkip('inputs')), matches.judge(maySkip('results'))];
    const parts = { pushes: sumOf(pushes), inputs: await inputs, results: await results };
    return { ...round, parts, ...sumOf(Object.values(parts)) };
  } finally {
    for (const player of all) player.close();
    await publisher.close();
  }
}

const hasAll = ({ playerId, heard }: PlainPlayer, publisher: Publisher): boolean =>
  publisher.sentTo(playerId).every(({ number, isAcked }) => !isAcked || heard.includes(number));

export function isGood({ lost, doubled, reordered, recoveredMs = Infinity }: Judged): boolean {
  return lost + doubled + reordered === 0 && recoveredMs <= backWithinMs;
}

/** 1 where a round is not good, or none was played: a run of nothing would pass. */
export function exitCodeOf(rounds: readonly Judged[]): 0 | 1 {
  return rounds.length > 0 && rounds.every(isGood) ? 0 : 1;
}

/** `connector SIGKILL → connect failed 3 → back after 812 ms → lost 0, doubled 0, reordered 0` */
export function lineOf(round: Judged): string {
  const { fault, errors, recoveredMs, lost, doubled, reordered, excused } = round;
  const seen = errors.map(([code, count]) => `${code} ${count}`).join(', ') || 'no errors';
  const back = recoveredMs === undefined ? 'not back' : `back after ${recoveredMs} ms`;
  const told = excused > 0 ? ` (${excused} went with their storage)` : '';
  const counts = `lost ${lost}, doubled ${doubled}, reordered ${reordered}${told}${whatIsBad(round)}`;
  return `${isGood(round) ? '✓' : '✗'} ${fault} → ${seen} → ${back} → ${counts}`;
}

function whatIsBad({ parts }: Judged): string {
  const bad = Object.entries(parts ?? {}).filter(([, one]) => one.lost + one.doubled + one.reordered > 0);
  return bad.length > 0 ? ` among ${bad.map(([what]) => what).join(', ')}` : '';
}

async function until(check: () => boolean): Promise<void> {
  const deadline = performance.now() + settleMs;
  while (!check()) {
    if (performance.now() > deadline) throw new Error('The players were not there within 10 s');
    await sleep(20);
  }
}
