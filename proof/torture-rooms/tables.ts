import { setTimeout as sleep } from 'node:timers/promises';
import type { ArenaPlayer } from './arena-player.js';
import { machineMs } from './clock.js';
import type { RoomRecorder } from './room-recorder.js';
import type { RoomTranscript } from './transcript.js';

/** A room and its players. */
export interface Table {
  roomId: string;
  recorder: RoomRecorder;
  players: ArenaPlayer[];
}

/** A release of a busy machine takes no longer. */
const mostMoveMs = 15_000;

export const newestRule = ({ recorder }: Table): string | undefined => recorder.transcript.views.at(-1)?.rule;

/** Until each room was seen under the other version's rules, or it takes too long: then the report has fewer moves. */
export async function untilMoved(tables: Table[], before: (string | undefined)[]): Promise<void> {
  const endsAt = machineMs() + mostMoveMs;
  const hasMoved = (table: Table, place: number): boolean => newestRule(table) !== before[place];
  while (!tables.every(hasMoved) && machineMs() < endsAt) await sleep(50);
}

/** Lets everybody play on for a while, then waits for the last answers, and for what is pushed after them. */
export async function closeTables(tables: Table[], restMs: number): Promise<RoomTranscript[]> {
  const players = tables.flatMap((table) => table.players);
  await sleep(restMs);
  for (const player of players) player.stopSteering();
  await Promise.all(players.map((player) => player.untilAnswered()));
  await sleep(500);
  const watchedUntil = machineMs();
  for (const player of players) player.close();
  return tables.map(({ recorder }) => Object.assign(recorder.transcript, { watchedUntil }));
}

/** Times that a room was seen to go on under the other version's rules. */
export function countMoves({ views }: RoomTranscript): number {
  const rules = [...views].sort((one, other) => one.tick - other.tick).map(({ rule }) => rule);
  return rules.filter((rule, place) => place > 0 && rule !== rules[place - 1]).length;
}
