/** For how long one asker had no answer, from when it asked. */
export class Outage {
  longestMs = 0;
  private since?: number;

  /** Each answer, good or bad, in the order in which they come. @param askedAt when it was asked for, by `performance.now()` */
  note(isGood: boolean, askedAt: number): void {
    this.since ??= askedAt;
    this.longestMs = Math.max(this.longestMs, Math.round(performance.now() - this.since));
    if (isGood) this.since = undefined;
  }
}
