import type { Answer, CallId, Checkpoint } from './records.js';

/** A caller has at most so many calls without an answer at one entity; the connector passes one a route. */
export const mostOfCaller = 64;
/** Callers whose answers are kept: those that called last. */
const mostCallers = 1_024;

/** The answer to a call whose own answer isn't kept any more: it is not applied once more. */
const forgotten: Answer = { error: { code: 'TIMEOUT', retryable: false } };

interface CallerAnswers {
  byNumber: Map<number, Answer>;
  /** Answers up to this number were dropped: a call that comes as late as that is a copy that was held up on its way. */
  droppedUpTo: number;
}

/** The answers by caller, for calls that are sent again. */
export class Answers {
  private readonly byCaller = new Map<string, CallerAnswers>();

  find({ caller, number }: CallId): Answer | undefined {
    const own = this.byCaller.get(caller);
    if (!own) return undefined;
    return own.byNumber.get(number) ?? (number <= own.droppedUpTo ? forgotten : undefined);
  }

  /** Whether a call of the caller was applied. */
  hasHad(caller: string, number: number): boolean {
    const own = this.byCaller.get(caller);
    return own !== undefined && (own.byNumber.has(number) || number <= own.droppedUpTo);
  }

  keep({ caller, number, acked }: CallId, answer: Answer): void {
    const own = this.byCaller.get(caller) ?? { byNumber: new Map<number, Answer>(), droppedUpTo: -1 };
    this.byCaller.delete(caller);
    this.byCaller.set(caller, own);
    own.byNumber.set(number, answer);
    dropAnswers(own, number, acked);
    for (const oldest of this.byCaller.keys()) {
      if (this.byCaller.size <= mostCallers) break;
      this.byCaller.delete(oldest);
    }
  }

  toRecord(): Checkpoint['answers'] {
    return [...this.byCaller].map(([caller, { byNumber, droppedUpTo }]) => [
      caller,
      [...byNumber],
      ...(droppedUpTo < 0 ? ([] as const) : ([droppedUpTo] as const)),
    ]);
  }

  static fromRecord(record: Checkpoint['answers']): Answers {
    const answers = new Answers();
    for (const [caller, own, droppedUpTo = -1] of record) {
      answers.byCaller.set(caller, { byNumber: new Map(own), droppedUpTo });
    }
    return answers;
  }
}

/** Those that the caller has, and the oldest of more than may be kept. */
function dropAnswers(own: CallerAnswers, newest: number, acked: number | undefined): void {
  for (const one of own.byNumber.keys()) {
    if (one > (acked ?? -1) && own.byNumber.size <= mostOfCaller) break;
    if (one === newest) continue;
    own.byNumber.delete(one);
    // A caller that says what it has may still wait for an older one than this.
    if (acked === undefined || one <= acked) own.droppedUpTo = Math.max(own.droppedUpTo, one);
  }
}
