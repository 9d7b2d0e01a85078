import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Stored } from './faults.js';
import type { PlainPlayer } from './plain-player.js';
import type { Publisher } from './publisher.js';
import type { Stack } from './stack.js';
import type { Steering } from './steering.js';

/** Everybody is back within this time after the fault has ended, ms. */
export const backWithinMs = 10_000;
/** Longer than that is not waited for. */
const giveUpMs = 40_000;

export interface Round {
  fault: string;
  destroys: readonly Stored[];
  /** The players' findings, and how often each came. */
  errors: [string, number][];
  /** From the fault's end until everybody was back, ms; undefined: not at all. */
  recoveredMs?: number;
}

export interface Scene {
  stack: Stack;
  players: readonly PlainPlayer[];
  publisher: Publisher;
  steering: Steering;
}

/** One fault, or two at a time, from its beginning until everybody plays again. */
export async function playRound(scene: Scene, faults: readonly Fault[]): Promise<Round> {
  const { stack, players } = scene;
  for (const { errors } of players) errors.clear();
  await Promise.all(
    faults.map(async (fault) => {
      await fault.begin(stack, players);
      await sleep(fault.holdMs);
      await fault.end?.(stack);
    }),
  );
  const endedAt = performance.now();
  const destroys = faults.flatMap((fault) => fault.destroys ?? []);
  const recoveredMs = await untilBack(scene, endedAt, destroys.includes('inputs'));
  return {
    fault: faults.map(({ name }) => name).join(' + '),
    destroys,
    errors: sumErrors(players),
    recoveredMs,
  };
}

async function untilBack(scene: Scene, endedAt: number, isRoomLost: boolean): Promise<number | undefined> {
  while (performance.now() - endedAt < giveUpMs) {
    if (await isEverybodyBack(scene, isRoomLost)) return Math.round(performance.now() - endedAt);
    await sleep(100);
  }
  return undefined;
}

/** A push that is sent from now on arrives, a server and the room answer each player, and somebody new can log in. */
async function isEverybodyBack(scene: Scene, isRoomLost: boolean): Promise<boolean> {
  const { players, publisher, stack, steering } = scene;
  if (!players.every(({ isOnline }) => isOnline)) return false;
  const next = new Map(players.map((player) => [player, publisher.sentTo(player.playerId).length]));
  const asked = players.map((player) => player.ask());
  const answers = await Promise.all([...asked, steering.isServed(isRoomLost), logIn(stack.network.url)]);
  if (answers.includes(false)) return false;
  const isTold = (player: PlainPlayer): boolean =>
    player.heard.some((one) => one !== 'gap' && one >= (next.get(player) ?? 0));
  const until = performance.now() + 1_000;
  while (performance.now() < until) {
    if (players.every(isTold)) return true;
    await sleep(20);
  }
  return false;
}

async function logIn(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ deviceId: `device-${crypto.randomUUID()}` }),
      signal: AbortSignal.timeout(2_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function sumErrors(players: readonly PlainPlayer[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { errors } of players)
    for (const [code, count] of errors) sums.set(code, (sums.get(code) ?? 0) + count);
  return [...sums].sort();
}
