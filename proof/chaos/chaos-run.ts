import { setTimeout as sleep } from 'node:timers/promises';
import { tokenOf } from '@ccgame/testing';
import { judge, type Verdict } from './checker.js';
import type { Fault } from './faults.js';
import { PlainPlayer } from './plain-player.js';
import { Publisher } from './publisher.js';
import { backWithinMs, playRound, type Round } from './round.js';
import { Stack } from './stack.js';

export interface Judged extends Round, Verdict {}

const settleMs = 10_000;

/** Plays the rounds one after the other, each with pushes of its own that are judged when all of them have come. */
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
  const names = Array.from({ length: playerCount }, (_, index) => `p${turn}-${index}`);
  const players = names.map((name) => new PlainPlayer(name, stack.network.url, () => tokenOf(name)));
  await until(() => players.every(({ isOnline }) => isOnline));
  const publisher = await Publisher.start(stack.nats.address, names);
  try {
    await until(() => players.every(({ heard }) => heard.length > 0));
    const round = await playRound({ stack, players, publisher }, faults);
    await publisher.stop();
    await until(() => players.every((player) => hasAll(player, publisher))).catch(() => undefined);
    const verdicts = players.map((player) =>
      judge(publisher.sentTo(player.playerId), player.heard, round.destroys),
    );
    return { ...round, ...verdicts.reduce(addUp) };
  } finally {
    for (const player of players) player.close();
    await publisher.close();
  }
}

const hasAll = ({ playerId, heard }: PlainPlayer, publisher: Publisher): boolean =>
  publisher.sentTo(playerId).every(({ number, isAcked }) => !isAcked || heard.includes(number));

const addUp = (one: Verdict, other: Verdict): Verdict => ({
  lost: one.lost + other.lost,
  doubled: one.doubled + other.doubled,
  reordered: one.reordered + other.reordered,
  excused: one.excused + other.excused,
});

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
  const told = excused > 0 ? ` (${excused} missed and told so)` : '';
  const counts = `lost ${lost}, doubled ${doubled}, reordered ${reordered}${told}`;
  return `${isGood(round) ? '✓' : '✗'} ${fault} → ${seen} → ${back} → ${counts}`;
}

async function until(check: () => boolean): Promise<void> {
  const deadline = performance.now() + settleMs;
  while (!check()) {
    if (performance.now() > deadline) throw new Error('The players were not there within 10 s');
    await sleep(20);
  }
}
