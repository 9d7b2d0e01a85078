import { type ExpectingMessage, maxBatchMessages, splitBySize } from '@ccgame/jetstream';
import type { Measure, Progress, Snapshot } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { stoppedForSeconds } from '../rooms/stop-room.js';
import type { LogRing } from './log-ring.js';
import type { PartitionSubjects } from './partition-subjects.js';
import type { PendingInput } from './pending-input.js';

/** Bytes of one message of the log; a batch has several where there is more. */
const logMessageBytes = 256 * 1024;
/** Bytes of the states of one batch, which NATS stores well within the patience for its ack; a state that is larger goes alone. */
const mostStateBytes = 2 * 1024 * 1024;
/** How long it is known that an entity was ended: not longer than the push log knows what it pushed last. */
const endedForSeconds = 50;
/** States of one batch; the others follow with the next one. */
const mostStates = Math.floor(maxBatchMessages / 3);
/** A record that says nothing any more. */
const goneAfterSeconds = 1;

/** A state as it is to be stored. */
export interface PlannedState {
  held: HeldEntity;
  snapshot: Snapshot;
  ended: boolean;
  /** It is a stopped room's: one that is stopped later has to be stored once more. */
  stopped: boolean;
}

/** One batch as it is to be stored. The fence goes first, then the log, then the states. */
export interface PlannedBatch {
  messages: ExpectingMessage[];
  logs: Map<string, number>[];
  states: PlannedState[];
}

/** Batches in their order. Only the last one has a log: what stands in its places is in the states of those before it, too. */
export type FlushPlan = PlannedBatch[];

/** The parts of a partition that a flush is planned from. */
export interface FlushContext {
  ring: LogRing;
  subjects: PartitionSubjects;
  find: (key: string) => HeldEntity | undefined;
  /** Takes an entity's state as it is now; a room that has grown too large is stopped. */
  measure: (held: HeldEntity) => Snapshot;
}

/**
 * @param measures of the entities that the inputs are for
 * @param due whose states are to be stored as well
 */
export function planFlush(
  inputs: readonly PendingInput[],
  measures: ReadonlyMap<HeldEntity, Measure | Snapshot>,
  due: readonly HeldEntity[],
  { ring, subjects, find, measure }: FlushContext,
): FlushPlan {
  const records = intoRecords(inputs, measures);
  const places = ring.nextSlots(records.length);
  const needed = ring.needed(records.length, (key) => find(key)?.storedN ?? Infinity);
  const ended = [...measures.keys()].filter(({ live }) => !live.isBorn);
  const first = [...needed].flatMap((key) => find(key) ?? []);
  // A call must not leave before the state that a replay wouldn't come to.
  const tainted = [...measures.keys()].filter(({ live }) => live.hasTaintedCall);
  // Its claim may have run out, and another version may have the id.
  const late = [...measures.keys()].filter((held) => held.claimedUntil !== undefined && !held.isClaimed);
  const now = new Set([...first, ...tainted, ...late]);
  const toStore = [...new Set([...now, ...ended, ...due])];
  const states = toStore.slice(0, Math.max(mostStates, now.size)).flatMap((held) => {
    const known = measures.get(held);
    const snapshot = known && 'checkpoint' in known ? known : measure(held);
    if (!held.isStopped) return [{ held, snapshot, ended: !held.live.isBorn, stopped: false }];
    return held.isStopStored ? [] : [{ held, snapshot, ended: false, stopped: true }];
  });
  const logMessages = records.map(({ payload }, index) => ({
    subject: subjects.log(places[index].slot),
    payload,
    expected: places[index].expected,
  }));
  const groups = splitBySize(states, mostStates, () => 1).flatMap((group) =>
    splitBySize(group, mostStateBytes, ({ snapshot }) => Buffer.byteLength(snapshot.checkpoint)),
  );
  const batches = groups.map((group) => ({
    messages: stateMessages(group, subjects),
    logs: [],
    states: group,
  }));
  const last: PlannedBatch = batches.pop() ?? { messages: [], logs: [], states: [] };
  const logs = records.map(({ upTo }) => upTo);
  return [...batches, { ...last, messages: [...logMessages, ...last.messages], logs }];
}

function stateMessages(states: PlannedState[], subjects: PartitionSubjects): ExpectingMessage[] {
  const messages = states.map(({ held, snapshot, ended }) => ({
    subject: subjects.state(held.key, held.isRoom),
    payload: snapshot.checkpoint,
    expected: held.storedSeq,
    ...(ended && held.hasSentAll && { ttlSeconds: endedForSeconds }),
    ...(held.isStopped && { ttlSeconds: stoppedForSeconds }),
  }));
  return [...messages, ...states.flatMap(({ held, snapshot }) => alarmMessage(held, snapshot, subjects))];
}

/** When an entity that isn't in memory is to be woken. It is a hint, and the state decides: it may be written over whatever stands there. */
function alarmMessage(
  { key, storedAlarmAt }: HeldEntity,
  { alarmAt }: Snapshot,
  subjects: PartitionSubjects,
): ExpectingMessage[] {
  if (alarmAt === storedAlarmAt) return [];
  const subject = subjects.alarm(key);
  if (alarmAt !== undefined) return [{ subject, payload: String(alarmAt) }];
  return [{ subject, payload: '', ttlSeconds: goneAfterSeconds }];
}

/** An input with its entity's key, and what that came to. */
const recordedBytes = ({ bytes, held }: PendingInput): number => bytes + 2 * held.key.length + 64;

/** The outcome of an entity's inputs goes with the last of them: all of a batch are stored, or none. */
function intoRecords(
  inputs: readonly PendingInput[],
  measures: ReadonlyMap<HeldEntity, Measure | Snapshot>,
): { payload: string; upTo: Map<string, number> }[] {
  const groups = splitBySize(inputs, logMessageBytes, recordedBytes);
  const lastGroups = new Map(groups.flatMap((group) => group.map(({ held }) => [held, group] as const)));
  return groups.map((group) => {
    const done = group.map(({ held }) => held).filter((held) => lastGroups.get(held) === group);
    const after = Object.fromEntries(done.map((held) => [held.key, progressOf(held, measures.get(held))]));
    const parts = group.map(({ held, json }) => `[${JSON.stringify(held.key)},${json}]`).join(',');
    return {
      payload: `{"inputs":[${parts}],"after":${JSON.stringify(after)}}`,
      upTo: new Map(group.map(({ held, input }) => [held.key, input.n])),
    };
  });
}

function progressOf({ live }: HeldEntity, measure?: Measure): Progress {
  return { tick: measure?.tick ?? 0, ...(!live.isTainted && { sum: measure?.sum }) };
}
