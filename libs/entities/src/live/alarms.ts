import { plainData } from './plain-data.js';
import type { Checkpoint, StoredAlarm } from './records.js';

/** One that another version's code has set, and this class doesn't know, waits so long for that after its time, ms: a rollback may be taken back. */
const foreignWaitsMs = 7 * 86_400_000;

/** The alarms that are set, one a method: part of what an entity is. */
export class Alarms {
  private readonly byMethod: Map<string, StoredAlarm>;

  /** @param methods those that the class declares as alarms */
  constructor(
    private readonly methods: readonly string[],
    record: Checkpoint['alarms'],
  ) {
    this.byMethod = new Map(Object.entries(record ?? {}));
  }

  /** In place of the one that is set. @throws Error for a method that is no alarm, or ms that are no number */
  setAlarm(method: string, now: number, ms: number, data: unknown): void {
    if (!this.methods.includes(method)) throw new Error(`${method} has no @Alarm()`);
    if (!Number.isFinite(ms)) throw new Error(`${method}: an alarm comes after some ms, not ${ms}`);
    const given = data === undefined ? undefined : plainData(data);
    this.byMethod.set(method, { at: now + Math.max(0, ms), data: given });
  }

  clearAlarm(method: string): void {
    this.byMethod.delete(method);
  }

  clearAll(): void {
    this.byMethod.clear();
  }

  /** It comes once: from here on it isn't set. @throws Error where another version's code has set one that this class doesn't know */
  takeDue(method: string, now: number): StoredAlarm | undefined {
    const alarm = this.byMethod.get(method);
    if (!alarm || this.dueAtOf([method, alarm]) > now) return undefined;
    this.byMethod.delete(method);
    if (!this.methods.includes(method)) throw new Error(`The class has no alarm ${method}`);
    return alarm;
  }

  /** Methods whose alarms are due, the earliest first. */
  dueMethods(now: number): string[] {
    if (this.byMethod.size === 0) return [];
    const due = [...this.byMethod].filter((alarm) => this.dueAtOf(alarm) <= now);
    return due.sort(([, one], [, other]) => one.at - other.at).map(([method]) => method);
  }

  get nextAt(): number | undefined {
    if (this.byMethod.size === 0) return undefined;
    return Math.min(...[...this.byMethod].map((alarm) => this.dueAtOf(alarm)));
  }

  /** As {@link nextAt}, where each is known: a version that knows them may go on with the entity. */
  get nextAnywhereAt(): number | undefined {
    if (this.byMethod.size === 0) return undefined;
    return Math.min(...[...this.byMethod.values()].map(({ at }) => at));
  }

  toRecord(): Checkpoint['alarms'] {
    return this.byMethod.size === 0 ? undefined : Object.fromEntries(this.byMethod);
  }

  private dueAtOf([method, { at }]: [method: string, alarm: StoredAlarm]): number {
    return this.methods.includes(method) ? at : at + foreignWaitsMs;
  }
}
