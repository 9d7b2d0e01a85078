import { parseJson } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import { EntityErrors } from '../errors.js';
import type { Checkpoint, LogRecord } from '../live/records.js';
import { type EntityFence, storedRecord } from './entity-store.js';

/** The last moment that there is a date for, epoch ms. */
export const latestMs = 8_640_000_000_000_000;

// An operator's hand, an edited backup or another version may leave what is none of these: one record of that kind keeps no other of its partition
// from the next owner.

/** An entity's state as it is stored; undefined, and an operator is told, where that is none: it stays as it is. */
export function readCheckpoint(body: string, subject: string, sequence: number): Checkpoint | undefined {
  const checkpoint = parseJson<Checkpoint>(body);
  if (checkpoint && isCheckpoint(checkpoint)) return checkpoint;
  noteUnreadable('entity-state', subject, sequence);
  return undefined;
}

/** The record where a state is kept, as JSON. @throws RpcError STATE_UNREADABLE: nothing may be born over it */
export function requireJson(body: string, subject: string, sequence: number): Checkpoint {
  return parseJson<Checkpoint>(body) ?? refuseUnreadable(subject, sequence);
}

/** @throws RpcError STATE_UNREADABLE for JSON that is no entity's state */
export function assertCheckpoint(checkpoint: Checkpoint, subject: string, sequence: number): void {
  if (!isCheckpoint(checkpoint)) refuseUnreadable(subject, sequence);
}

function refuseUnreadable(subject: string, sequence: number): never {
  noteUnreadable('entity-state', subject, sequence);
  throw EntityErrors.STATE_UNREADABLE();
}

/** A record of a partition's log; one that is none keeps its place, and an operator is told that its inputs are lost. */
export function readLogRecord(body: string, subject: string, sequence: number): LogRecord {
  const record = parseJson<LogRecord>(body);
  if (record && isLogRecord(record)) return record;
  noteUnreadable('entity-log', subject, sequence);
  return storedRecord;
}

/** A partition's fence; undefined, and an operator is told, where that is none: nobody is known to own it, and the next fence takes its place. */
export function readFence(body: string, subject: string, sequence: number): EntityFence | undefined {
  const fence = parseJson<Partial<EntityFence>>(body);
  const { serverId, incarnation, isReleased } = fence ?? {};
  const isSound = isText(serverId) && isText(incarnation) && typeof isReleased === 'boolean';
  if (isSound) return fence as EntityFence;
  noteUnreadable('entity-fence', subject, sequence);
  return undefined;
}

/** When an entity is to be woken, epoch ms; undefined: it has no alarm, or what stands there is no time. */
export function readAlarmTime(body: string, subject: string, sequence: number): number | undefined {
  if (body === '') return undefined;
  const at = Number(body);
  if (at > 0 && at <= latestMs) return at;
  noteUnreadable('entity-alarm', subject, sequence);
  return undefined;
}

type Fields<T> = { [Name in keyof T]?: unknown };

const isText = (value: unknown): boolean => typeof value === 'string';
/** Also an array, but not null. */
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isMissingOr = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || is(value);

/** Whether a JSON object has the shape of an entity's state, as far as its owner relies on it. */
export function isCheckpoint(checkpoint: Fields<Checkpoint>): boolean {
  const { version, to, birth, stopped, state, members, answers, outputs, calls, heard } = checkpoint;
  const { n, stateVersion, random, now, tick, presence, seats, alarms, offer } = checkpoint;
  return (
    isText(version) &&
    isText(birth) &&
    [to, stopped].every((one) => isMissingOr(one, isText)) &&
    Number.isSafeInteger(n) &&
    [stateVersion, random, now, tick].every(Number.isFinite) &&
    isObject(state) &&
    [members, answers, outputs].every(Array.isArray) &&
    (members as unknown[]).every(isText) &&
    [calls, heard].every((one) => isMissingOr(one, Array.isArray)) &&
    [presence, seats, alarms, offer].every((one) => isMissingOr(one, isObject))
  );
}

function isLogRecord({ inputs, after }: Fields<LogRecord>): boolean {
  const areInputs =
    Array.isArray(inputs) &&
    inputs.every((one: unknown) => {
      const [key, input] = Array.isArray(one) ? (one as unknown[]) : [];
      return isText(key) && isObject(input) && Number.isSafeInteger((input as { n?: unknown }).n);
    });
  return areInputs && isObject(after);
}
