import { crc32 } from 'node:zlib';
import type { Alarms } from './alarms.js';
import type { Answers } from './answers.js';
import type { HeardCalls } from './heard-calls.js';
import type { Members } from './members.js';
import type { Outbox } from './outbox.js';
import type { SeededRandom } from './random.js';
import type { Checkpoint, Measure, Place, Snapshot } from './records.js';

/** The things that an entity is beside its state. */
export interface EntityParts extends Pick<
  Checkpoint,
  'n' | 'tick' | 'birth' | 'now' | 'offer' | 'stateVersion'
> {
  place: Place;
  isBorn: boolean;
  /** When it has to be in memory, epoch ms. */
  wakeAt?: number;
  random: SeededRandom;
  members: Members;
  alarms: Alarms;
  answers: Answers;
  heard: HeardCalls;
  outbox: Outbox;
}

/** @param state as JSON */
export function measureOf(parts: EntityParts, state: string): Measure {
  const { n, now, tick, members, random, isBorn, wakeAt } = parts;
  const alarms = parts.alarms.toRecord();
  const calls = parts.outbox.calls.all.map(({ number }) => number);
  const own = [now, tick, members.list, random.state, ...(alarms ? [alarms] : [])];
  // Only the calls of an ended one go on.
  const counted = isBorn ? [n, ...own, ...calls] : [n, ...calls];
  const sum = crc32(`${JSON.stringify(counted)}${isBorn ? state : ''}`);
  return { n, tick, stateBytes: Buffer.byteLength(state), sum, alarmAt: wakeAt };
}

/** @param state as JSON */
export function snapshotOf(parts: EntityParts, state: string): Snapshot {
  const { n, birth, now, tick, place, offer, stateVersion, isBorn, heard } = parts;
  const { outputs, calls } = parts.outbox;
  const members = parts.members.list;
  const presence = parts.members.presenceRecord();
  const answers = parts.answers.toRecord();
  const ended = !isBorn || undefined;
  const seats = parts.members.seatRecord();
  const own = { n, birth, random: parts.random.state, now, tick, members, presence, seats };
  const alarms = parts.alarms.toRecord();
  const sent = { outputs, ...calls.toRecord(), heard: heard.toRecord() };
  const head = { ...place, stateVersion, offer, ...own, alarms, answers, ...sent, ended };
  const checkpoint = `${JSON.stringify(head).slice(0, -1)},"state":${state}}`;
  return { ...measureOf(parts, state), checkpoint };
}

/** All that a room is beside its state, as JSON has it. */
export function surroundingsOf({ now, members, random, alarms, outbox }: EntityParts): object {
  const around = { now, members: [...members.list], random: random.state };
  const { calls } = outbox.calls.toRecord();
  return { ...around, seats: members.seatRecord(), alarms: alarms.toRecord(), calls };
}
