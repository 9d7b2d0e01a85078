import type { FeedSink, FeedStart } from '../src/delivery/feed.js';

/** The pushes that a socket was given. */
export class Got implements FeedSink {
  readonly starts: FeedStart[] = [];
  readonly numbers: number[] = [];
  readonly volatile: number[] = [];
  position = 0;

  beginFeed(start: FeedStart): void {
    this.starts.push(start);
    this.position = start.position;
  }
  pushMessage(body: Uint8Array, position?: number): void {
    const { data } = JSON.parse(new TextDecoder().decode(body)) as { data: number };
    if (position === undefined) this.volatile.push(data);
    else {
      expect(position).toBeGreaterThan(this.position);
      this.position = position;
      this.numbers.push(data);
    }
  }
  pushOfTopic(json: string): void {
    this.volatile.push((JSON.parse(json) as { data: number }).data);
  }
  noteDelivered(): void {}
  untilRead(): undefined {}
  closeSlowConsumer(): void {}
}
