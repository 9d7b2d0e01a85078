import type { NatsConnection, Subscription } from '@nats-io/nats-core';

/** A hint that led to nothing for so long was a write that was refused, ms. */
const hintMs = 1_000;

interface Heard {
  times: number;
  /** The last time, on the clock of `performance.now()`. */
  at: number;
}

/**
 * Hears what is published to a stream, over core NATS. It is a hint and no more: the message is stored a moment later, or
 * refused.
 */
export class StreamHints {
  private subjects = '';
  private subscriptions: Subscription[] = [];
  /** By subject what was heard and not read yet, the longest ago first. */
  private readonly awaited = new Map<string, Heard>();
  private total = 0;
  /** The subjects of writes of this process that are under way: their hints say nothing new. */
  private readonly own: Set<string>[] = [];
  private heardAt = 0;
  private isFresh = false;
  private isRefused = false;
  /** Something that was heard has not been read, though it was waited for. */
  private isOwed = false;
  private wakeUp?: () => void;

  constructor(private readonly nats: NatsConnection) {}

  listen(subjects: readonly string[]): void {
    if (this.subjects === subjects.join(' ')) return;
    this.close();
    this.subjects = subjects.join(' ');
    // A subscription that NATS refuses hears nothing; the stream is looked at all the same.
    const callback = (error: unknown, message: { subject: string }): void =>
      error ? void (this.isRefused = true) : this.noteHeard(message.subject);
    this.subscriptions = subjects.map((subject) => this.nats.subscribe(subject, { callback }));
  }

  close(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** How many messages that were heard may still come. */
  countExpected(): number {
    const oldest = performance.now() - hintMs;
    for (const [subject, { at, times }] of this.awaited) {
      if (at > oldest) break;
      this.awaited.delete(subject);
      this.total -= times;
      this.isOwed = true;
    }
    return this.total;
  }

  /** False: NATS does not let this server's user hear them. */
  get areHeard(): boolean {
    return !this.isRefused;
  }

  /**
   * How long to rest before the next read where nothing more is heard, ms: what was heard and isn't there may still be stored, and is found
   * with a delay of a quarter of its age at most.
   */
  restMs(idleMs: number): number {
    if (this.countExpected() === 0 && !this.isOwed) return idleMs;
    const quarterMs = (performance.now() - this.heardAt) / 4;
    if (quarterMs > idleMs) this.isOwed = false;
    return Math.min(Math.max(quarterMs, 1), idleMs);
  }

  /** Hints of these subjects, one each, are this process's own until what is returned is called: with those that are to be read after all. */
  leaveOut(subjects: readonly string[]): (unread: readonly string[]) => void {
    const left = new Set(subjects);
    this.own.push(left);
    return (unread) => {
      this.own.splice(this.own.indexOf(left), 1);
      for (const subject of unread) this.noteHeard(subject);
    };
  }

  /** A message of the subject was read. */
  noteRead(subject: string): void {
    const heard = this.awaited.get(subject);
    if (!heard) return;
    this.total -= 1;
    heard.times -= 1;
    if (heard.times === 0) this.awaited.delete(subject);
  }

  /** Ends the {@link rest} that is on, or the next one at once. */
  wake(): void {
    this.isFresh = true;
    this.wakeUp?.();
  }

  /** Resolves after so many ms, or at once when something was heard since the last rest. */
  async rest(ms: number): Promise<void> {
    if (!this.isFresh) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wakeUp = undefined;
    }
    this.isFresh = false;
  }

  private noteHeard(subject: string): void {
    for (const left of this.own) if (left.delete(subject)) return;
    const times = this.awaited.get(subject)?.times ?? 0;
    this.awaited.delete(subject);
    this.heardAt = performance.now();
    this.awaited.set(subject, { times: times + 1, at: this.heardAt });
    this.total += 1;
    this.wake();
  }
}
