import { NotRead } from '../reading/direct-reader.js';
import { NotStored } from './not-stored.js';

/** JetStream's refusal of a compare-and-set: another message is being stored there right now. */
const otherOnItsWay = 10164;
/** The same, or another message stands there. */
const otherStands = new Set([10071, otherOnItsWay]);
/**
 * Nothing was stored, and the same may be tried again: too many batches at once (10210), or a part of one was lost on the way (10176); more messages
 * wait to be stored than the stream holds back (10167); or, in a cluster, its leader is new and has not applied all yet, so that it can't
 * say what stands there (10163).
 */
const notNow = new Set([10163, 10167, 10176, 10210]);
/** The message, or its headers, are larger than the stream takes. */
const tooLarge = new Set([10054, 10097]);

/** Whether a write was refused as something else was written first. Otherwise, see {@link isUncertain}. */
export function isConflict(error: unknown): error is NotStored {
  return error instanceof NotStored && error.apiCode !== undefined && otherStands.has(error.apiCode);
}

/** Whether a write had no answer, or JetStream could not take it now: it may be stored, or may be tried again. */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof NotStored)) return false;
  if (error.kind === 'denied') return false;
  return error.kind !== 'refused' || isNotNow(error);
}

/** Whether a write was refused for its size: the same would be refused again. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof NotStored && error.apiCode !== undefined && tooLarge.has(error.apiCode);
}

/** Whether JetStream could not take a write just then: nothing of it is stored, and the same may be tried again. */
export function isNotNow(error: unknown): boolean {
  return error instanceof NotStored && error.apiCode !== undefined && notNow.has(error.apiCode);
}

/** Whether a refusal is of that moment, and tells nothing of a message that was sent before. */
export function isAboutNow(error: NotStored): boolean {
  return error.apiCode === otherOnItsWay || isNotNow(error);
}

/** Whether NATS lets this server's user neither read nor write there: no other try changes that, but somebody who gives the right. */
export function isDenied(error: unknown): error is NotRead | NotStored {
  return (error instanceof NotRead || error instanceof NotStored) && error.kind === 'denied';
}

/** "wrong last sequence: 17": the sequence that stands where a write was refused; undefined where the refusal doesn't say. */
export function standingSequence(error: unknown): number | undefined {
  const found = isConflict(error) && /: (\d+)$/.exec(error.message)?.[1];
  return found ? Number(found) : undefined;
}

/** "maximum bytes exceeded", "insufficient resources", "resource limits exceeded for account", "no space left on device". */
const full = /maximum bytes|maximum messages exceeded|insufficient|resource limits|no space/;

/** Whether a write was refused as its stream has as many bytes as it may have: nothing of it is stored. */
export function isOverBound(error: unknown): boolean {
  return error instanceof NotStored && error.kind === 'refused' && error.message.includes('maximum bytes');
}

/** Whether a write was refused for want of room, which somebody has to make: nothing of it is stored. */
export function isFull(error: unknown): error is NotStored {
  return error instanceof NotStored && error.kind === 'refused' && full.test(error.message);
}
