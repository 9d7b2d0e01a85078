import type { Told } from './checker.js';
import type { Ledger } from './ledger.js';

/** The things that one client showed to its player, in that order, and how long it was away. */
export class Diary {
  readonly told: Told[] = [];
  longestSilenceMs = 0;
  private heardAt = Date.now();
  private broke?: { after: string; at: number };
  private onlineSince = Date.now();

  constructor(private readonly ledger?: Ledger) {}

  /** Silence counts from here. */
  begin(): void {
    this.heardAt = Date.now();
  }

  notePush(number: number): void {
    const at = Date.now();
    this.longestSilenceMs = Math.max(this.longestSilenceMs, at - this.heardAt);
    this.heardAt = at;
    this.told.push({ number, at });
  }

  noteGap(): void {
    this.told.push({ gapSince: this.heardAt, at: Date.now() });
  }

  noteBreak(): void {
    this.broke ??= { after: this.ledger?.deed ?? '', at: Date.now() };
  }

  noteReturn(): void {
    if (this.broke) this.ledger?.resumes.push({ after: this.broke.after, ms: Date.now() - this.broke.at });
    this.broke = undefined;
    this.onlineSince = Date.now();
  }

  /** Whether the client had a connection for the last so many ms. */
  wasOnlineFor(ms: number): boolean {
    return this.broke === undefined && Date.now() - this.onlineSince >= ms;
  }

  /** The number of the last push; -1 before the first. */
  get last(): number {
    const last = this.told.findLast((one) => 'number' in one);
    return last?.number ?? -1;
  }
}
