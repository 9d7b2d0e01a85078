import type { Answer, CallId, Checkpoint } from './records.js';

/** A caller has at most so many calls without an answer at one entity; the connector passes one a route. */
export const mostOfCaller = 64;
/** Callers whose answers are kept: those that called last. */
const mostCallers = 1_024;

/** What was answered to whom, for calls that are sent again. */
export class Answers {
  private readonly byCaller = new Map<string, Map<number, Answer>>();

  find({ caller, number }: CallId): Answer | undefined {
    return this.byCaller.get(caller)?.get(number);
  }

  keep({ caller, number, acked }: CallId, answer: Answer): void {
    const own = this.byCaller.get(caller) ?? new Map<number, Answer>();
    this.byCaller.delete(caller);
    this.byCaller.set(caller, own);
    own.set(number, answer);
    for (const one of own.keys()) {
      if (one > (acked ?? -1) && own.size <= mostOfCaller) break;
      if (one !== number) own.delete(one);
    }
    for (const oldest of this.byCaller.keys()) {
      if (this.byCaller.size <= mostCallers) break;
      this.byCaller.delete(oldest);
    }
  }

  toRecord(): Checkpoint['answers'] {
    return [...this.byCaller].map(([caller, own]) => [caller, [...own]]);
  }

  static fromRecord(record: Checkpoint['answers']): Answers {
    const answers = new Answers();
    for (const [caller, own] of record) answers.byCaller.set(caller, new Map(own));
    return answers;
  }
}
