import { crc32 } from 'node:zlib';
import type { Alarms } from './alarms.js';
import type { Answers } from './answers.js';
import type { HeardCalls } from './heard-calls.js';
import type { Members } from './members.js';
import type { Outbox } from './outbox.js';
import type { SeededRandom } from './random.js';
import type { Checkpoint, Measure, Place, Snapshot } from './records.js';

/** More than the rest of a checkpoint has, with neither members, pushes, calls nor alarms. */
const mostHeadBytes = 4_096;

/** The things that an entity is beside its state: the same ones for as long as it is in memory. */
export interface EntityParts {
  readonly random: SeededRandom;
  readonly members: Members;
  readonly alarms: Alarms;
  readonly answers: Answers;
  readonly heard: HeardCalls;
  readonly outbox: Outbox;
}

/** How far an entity has come. */
export interface EntityProgress extends Pick<Checkpoint, 'n' | 'tick' | 'birth' | 'offer'> {
  /** The room's time, epoch ms. */
  readonly time: number;
  readonly place: Place;
  readonly isBorn: boolean;
  /** When it has to be in memory, epoch ms. */
  readonly wakeAt?: number;
}

/** @param state as JSON */
export function measureOf(progress: EntityProgress, parts: EntityParts, state: string): Measure {
  const { n, time, tick, isBorn, wakeAt } = progress;
  const { members, random } = parts;
  const alarms = parts.alarms.toRecord();
  const calls = parts.outbox.calls.all.map(({ number }) => number);
  const own = [time, tick, members.list, random.state, ...(alarms ? [alarms] : [])];
  // Only the calls of an ended one go on.
  const counted = isBorn ? [n, ...own, ...calls] : [n, ...calls];
  const sum = crc32(`${JSON.stringify(counted)}${isBorn ? state : ''}`);
  return { n, tick, stateBytes: Buffer.byteLength(state), sum, alarmAt: wakeAt };
}

/** @param state as JSON */
export function snapshotOf(
  progress: EntityProgress,
  parts: EntityParts,
  state: string,
  stateVersion: number,
): Snapshot {
  const { n, birth, time, tick, place, offer, isBorn } = progress;
  const { outputs, calls } = parts.outbox;
  const members = parts.members.list;
  const presence = parts.members.presenceRecord();
  const ended = !isBorn || undefined;
  const seats = parts.members.seatRecord();
  const own = { n, birth, random: parts.random.state, now: time, tick, members, presence, seats };
  const alarms = parts.alarms.toRecord();
  const sent = { outputs, ...calls.toRecord(), heard: parts.heard.toRecord() };
  const head = { ...place, stateVersion, offer, ...own, alarms, ...sent, ended };
  const checkpoint = `${JSON.stringify(head).slice(0, -1)},"answers":${parts.answers.toJson()},"state":${state}}`;
  return { ...measureOf(progress, parts, state), checkpoint };
}

/** Bytes that a checkpoint has at most beside the state; Infinity: only the checkpoint itself tells. */
export function mostBytesBeside({ offer }: EntityProgress, parts: EntityParts): number {
  const { outbox, alarms, answers, heard } = parts;
  const isPlain = outbox.isEmpty && alarms.nextAnywhereAt === undefined && offer === undefined;
  return isPlain ? answers.mostBytes + heard.mostBytes + mostHeadBytes : Infinity;
}

/** All that a room is beside its state, as JSON has it. */
export function surroundingsOf(time: number, { members, random, alarms, outbox }: EntityParts): object {
  const around = { now: time, members: [...members.list], random: random.state };
  const { calls } = outbox.calls.toRecord();
  return { ...around, seats: members.seatRecord(), alarms: alarms.toRecord(), calls };
}
