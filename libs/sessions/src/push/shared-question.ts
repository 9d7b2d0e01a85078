/**
 * Asked once for all who want to know at the same time: an answer serves those who asked before its request went out, so
 * that it is never older than the question.
 */
export class SharedQuestion<T> {
  private running?: Promise<unknown>;
  private next?: Promise<T>;

  constructor(private readonly question: () => Promise<T>) {}

  /** @throws what the question throws */
  askOnce(): Promise<T> {
    if (!this.running) return this.startAsking();
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return this.startAsking();
    });
    return this.next;
  }

  private startAsking(): Promise<T> {
    const asked = this.question();
    const running = asked
      .catch(() => undefined)
      .finally(() => {
        if (this.running === running) this.running = undefined;
      });
    this.running = running;
    return asked;
  }
}
