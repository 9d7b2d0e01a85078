/** The robots' counts of what they saw. */
export class Account {
  requests = 0;
  failed = 0;
  /** Codes of failed requests. */
  readonly problems = new Map<string, number>();
  pushesSent = 0;
  pushesGot = 0;
  /** Numbers that a robot did not get though it got later ones. */
  skipped = 0;
  duplicated = 0;
  /** Times that a robot was told that it may have missed something. */
  gaps = 0;
  tickets = 0;
  matched = 0;
  /** Counted by the servers at the end. */
  stillWaiting = 0;
  moves = 0;

  fail(problem: string): void {
    this.failed += 1;
    this.problems.set(problem, (this.problems.get(problem) ?? 0) + 1);
  }

  get lost(): number {
    return this.pushesSent - this.pushesGot;
  }

  get dropped(): number {
    return this.tickets - this.matched - this.stillWaiting;
  }

  /** Everything that must be 0. */
  faults(): Record<string, number> {
    const { failed, lost, duplicated, gaps, dropped } = this;
    return { failed, lost, duplicated, gaps, dropped };
  }

  /** One line while it runs: what is under way counts as neither lost nor dropped yet. */
  line(): string {
    const { requests, failed, pushesGot, skipped, duplicated, matched, moves } = this;
    return [
      `${requests} requests, ${failed} failed`,
      `${pushesGot} pushes, ${skipped} lost, ${duplicated} twice`,
      `${matched} matched`,
      `${moves} moves`,
    ].join('; ');
  }

  toString(): string {
    const problems = [...this.problems].map(([problem, count]) => `${problem} ${count}`).join(', ');
    return [
      `requests  ${this.requests} sent, ${this.failed} failed${problems && ` (${problems})`}`,
      `pushes    ${this.pushesSent} sent, ${this.lost} lost, ${this.duplicated} twice, ${this.gaps} gaps`,
      `tickets   ${this.tickets} made, ${this.matched} matched, ${this.stillWaiting} waiting, ${this.dropped} dropped`,
      `moves     ${this.moves} times a robot changed its server while it played`,
    ].join('\n');
  }
}
