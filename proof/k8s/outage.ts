/** For how long one asker had no answer. */
export class Outage {
  longestMs = 0;
  private since?: number;

  /** Each answer, good or bad, in the order in which they come. */
  note(isGood: boolean): void {
    if (!isGood) this.since ??= performance.now();
    if (this.since === undefined) return;
    this.longestMs = Math.max(this.longestMs, Math.round(performance.now() - this.since));
    if (isGood) this.since = undefined;
  }
}
