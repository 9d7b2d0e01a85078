import { RpcError } from '@ccgame/rpc';
import type { Answer, CallId, Checkpoint } from './records.js';

/** A caller has at most so many calls without an answer at one entity; the connector passes one a route. */
export const mostOfCaller = 64;
/** So many callers are kept however long ago they called: those that called last. */
const mostIdleCallers = 1_024;
/** A copy of a call comes within the 10 s in which it is tried: an older caller may be forgotten, and a younger one never is. */
const repeatsWithinMs = 15_000;
/** Bytes of all callers as JSON, beside their answers: some 3,000 players who called in the last 15 s. */
const mostCallerBytes = 256 * 1024;
/** Bytes of all answers as JSON: they are a part of each checkpoint. The newest one is kept whatever it has. */
const mostBytes = 128 * 1024;

/** The answer to a call whose own answer isn't kept any more: it is not applied once more. */
const forgotten: Answer = { error: { code: 'TIMEOUT', retryable: false } };

const forgottenBytes = Buffer.byteLength(JSON.stringify(forgotten));

interface KeptAnswer {
  answer: Answer;
  json: string;
  bytes: number;
}

interface CallerAnswers {
  byNumber: Map<number, KeptAnswer>;
  /** Answers up to this number were dropped: a call that comes as late as that is a copy that was held up on its way. */
  droppedUpTo: number;
  /** When it called last, epoch ms. */
  at: number;
  /** All of it as JSON; undefined: it has changed since it was written down. */
  json?: string;
}

/** As `["ann/<session>",[[12,…]],11,1790000000000],`. */
const callerBytesOf = (caller: string): number => Buffer.byteLength(caller) + 40;

/** An answer's number, with brackets and commas. */
const besideAnswerBytes = 20;

/** The answers by caller, for calls that are sent again. */
export class Answers {
  /** Those that called last are at the end. */
  private readonly byCaller = new Map<string, CallerAnswers>();
  private bytes = 0;
  private callerBytes = 0;
  private count = 0;

  find({ caller, number }: CallId): Answer | undefined {
    const own = this.byCaller.get(caller);
    if (!own) return undefined;
    return own.byNumber.get(number)?.answer ?? (number <= own.droppedUpTo ? forgotten : undefined);
  }

  /** Whether a call of the caller was applied. */
  hasHad(caller: string, number: number): boolean {
    const own = this.byCaller.get(caller);
    return own !== undefined && (own.byNumber.has(number) || number <= own.droppedUpTo);
  }

  /**
   * A new caller waits while there are too many whose calls may come again.
   *
   * @param now epoch ms @throws RpcError BUSY
   */
  assertRoomFor({ caller }: CallId, now: number): void {
    if (this.byCaller.has(caller)) return;
    this.dropCallers(now);
    if (this.callerBytes + callerBytesOf(caller) > mostCallerBytes)
      throw new RpcError('BUSY', { retryAfterMs: 1_000 });
  }

  /** @param at when the call came, epoch ms */
  keep({ caller, number, acked }: CallId, answer: Answer, at: number): void {
    const own = this.byCaller.get(caller) ?? this.addCaller(caller, -1, at);
    own.at = at;
    own.json = undefined;
    this.byCaller.delete(caller);
    this.byCaller.set(caller, own);
    this.addAnswer(own, number, answer);
    this.dropOfCaller(own, number, acked);
    this.dropCallers(at);
    if (this.bytes > mostBytes) this.dropToSize(own, number);
  }

  /** Bytes that {@link toJson} has at most. */
  get mostBytes(): number {
    return this.bytes + this.count * besideAnswerBytes + 2 * this.callerBytes + 2;
  }

  /**
   * The `answers` of a {@link Checkpoint} as JSON. They are the most of many a checkpoint, and the same as in the one before but for those who
   * called since: so each is written down once.
   */
  toJson(): string {
    const all: string[] = [];
    for (const [caller, own] of this.byCaller) all.push((own.json ??= jsonOf(caller, own)));
    return `[${all.join(',')}]`;
  }

  /** @param now of the record, epoch ms: for callers of which it doesn't say when they called */
  static fromRecord(record: Checkpoint['answers'], now: number): Answers {
    const answers = new Answers();
    for (const [caller, own, droppedUpTo = -1, at = now] of record) {
      const known = answers.addCaller(caller, droppedUpTo, at);
      for (const [number, answer] of own) answers.addAnswer(known, number, answer);
    }
    return answers;
  }

  private addCaller(caller: string, droppedUpTo: number, at: number): CallerAnswers {
    const own: CallerAnswers = { byNumber: new Map(), droppedUpTo, at };
    this.byCaller.set(caller, own);
    this.callerBytes += callerBytesOf(caller);
    return own;
  }

  private addAnswer(own: CallerAnswers, number: number, answer: Answer): void {
    const json = JSON.stringify(answer);
    const bytes = Buffer.byteLength(json);
    const before = own.byNumber.get(number);
    this.bytes += bytes - (before?.bytes ?? 0);
    if (!before) this.count += 1;
    own.byNumber.set(number, { answer, json, bytes });
    own.json = undefined;
  }

  private dropAnswer(own: CallerAnswers, number: number): void {
    this.bytes -= own.byNumber.get(number)?.bytes ?? 0;
    if (own.byNumber.delete(number)) this.count -= 1;
    own.json = undefined;
  }

  /** Those that the caller has, and the oldest of more than may be kept. */
  private dropOfCaller(own: CallerAnswers, newest: number, acked: number | undefined): void {
    for (const one of own.byNumber.keys()) {
      if (one > (acked ?? -1) && own.byNumber.size <= mostOfCaller) break;
      if (one === newest) continue;
      this.dropAnswer(own, one);
      // A caller that says what it has may still wait for an older one than this.
      if (acked === undefined || one <= acked) own.droppedUpTo = Math.max(own.droppedUpTo, one);
    }
  }

  private dropCallers(now: number): void {
    for (const [oldest, own] of this.byCaller) {
      if (this.byCaller.size <= mostIdleCallers || now - own.at <= repeatsWithinMs) break;
      for (const number of [...own.byNumber.keys()]) this.dropAnswer(own, number);
      this.byCaller.delete(oldest);
      this.callerBytes -= callerBytesOf(oldest);
    }
  }

  /** The oldest answers of those that called first: more of them at a time than there must be, as it looks through all callers. */
  private dropToSize(own: CallerAnswers, newest: number): void {
    for (const [caller, one] of this.byCaller) {
      for (const [number, { bytes }] of [...one.byNumber]) {
        if (this.bytes <= mostBytes * 0.75) return;
        if (one === own && number === newest) continue;
        // An older call of a server may still come, so each number is known by itself.
        if (isServer(caller)) {
          if (bytes > forgottenBytes) this.addAnswer(one, number, forgotten);
        } else {
          this.dropAnswer(one, number);
          one.droppedUpTo = Math.max(one.droppedUpTo, number);
        }
      }
    }
  }
}

function jsonOf(caller: string, { byNumber, droppedUpTo, at }: CallerAnswers): string {
  const answers: string[] = [];
  for (const [number, { json }] of byNumber) answers.push(`[${number},${json}]`);
  return `[${JSON.stringify(caller)},[${answers.join(',')}],${droppedUpTo},${at}]`;
}

/** A player's calls are counted by session, as `ann/<session>`. */
const isServer = (caller: string): boolean => !caller.includes('/');
