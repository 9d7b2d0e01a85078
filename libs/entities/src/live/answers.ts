import type { Answer, CallId, Checkpoint } from './records.js';

/** A caller has at most so many calls without an answer at one entity; the connector passes one a route. */
export const mostOfCaller = 64;
/** Callers whose answers are kept: those that called last. */
const mostCallers = 1_024;
/** Bytes of all answers as JSON: they are a part of each checkpoint. The newest one is kept whatever it has. */
const mostBytes = 128 * 1024;

/** The answer to a call whose own answer isn't kept any more: it is not applied once more. */
const forgotten: Answer = { error: { code: 'TIMEOUT', retryable: false } };

const sizeOf = (answer: Answer): number => Buffer.byteLength(JSON.stringify(answer));
const forgottenBytes = sizeOf(forgotten);

interface KeptAnswer {
  answer: Answer;
  bytes: number;
}

interface CallerAnswers {
  byNumber: Map<number, KeptAnswer>;
  /** Answers up to this number were dropped: a call that comes as late as that is a copy that was held up on its way. */
  droppedUpTo: number;
}

/** The answers by caller, for calls that are sent again. */
export class Answers {
  /** Those that called last are at the end. */
  private readonly byCaller = new Map<string, CallerAnswers>();
  private bytes = 0;

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

  keep({ caller, number, acked }: CallId, answer: Answer): void {
    const own = this.byCaller.get(caller) ?? { byNumber: new Map<number, KeptAnswer>(), droppedUpTo: -1 };
    this.byCaller.delete(caller);
    this.byCaller.set(caller, own);
    this.addAnswer(own, number, answer);
    this.dropOfCaller(own, number, acked);
    this.dropCallers();
    if (this.bytes > mostBytes) this.dropToSize(own, number);
  }

  toRecord(): Checkpoint['answers'] {
    return [...this.byCaller].map(([caller, { byNumber, droppedUpTo }]) => [
      caller,
      [...byNumber].map(([number, { answer }]): [number, Answer] => [number, answer]),
      ...(droppedUpTo < 0 ? ([] as const) : ([droppedUpTo] as const)),
    ]);
  }

  static fromRecord(record: Checkpoint['answers']): Answers {
    const answers = new Answers();
    for (const [caller, own, droppedUpTo = -1] of record) {
      const known: CallerAnswers = { byNumber: new Map(), droppedUpTo };
      answers.byCaller.set(caller, known);
      for (const [number, answer] of own) answers.addAnswer(known, number, answer);
    }
    return answers;
  }

  private addAnswer(own: CallerAnswers, number: number, answer: Answer): void {
    const bytes = sizeOf(answer);
    this.bytes += bytes - (own.byNumber.get(number)?.bytes ?? 0);
    own.byNumber.set(number, { answer, bytes });
  }

  private dropAnswer(own: CallerAnswers, number: number): void {
    this.bytes -= own.byNumber.get(number)?.bytes ?? 0;
    own.byNumber.delete(number);
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

  private dropCallers(): void {
    for (const [oldest, own] of this.byCaller) {
      if (this.byCaller.size <= mostCallers) break;
      for (const number of [...own.byNumber.keys()]) this.dropAnswer(own, number);
      this.byCaller.delete(oldest);
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

/** A player's calls are counted by session, as `ann/<session>`. */
const isServer = (caller: string): boolean => !caller.includes('/');
