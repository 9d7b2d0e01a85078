import { type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { DirectReader, type NatsHealth, RpcError } from '#rpc';
import { AckedPublisher } from '../jetstream/acked-publisher.js';
import { PushRange } from '../push/push-range.js';
import { openPushStream } from '../push/push-stream.js';
import { deliverSubject, logSubject } from '../push/subjects.js';
import { replay, type Replay } from './replay.js';

const markEveryMs = 5_000;
const retryMs = 250;
const untilUpMs = 5_000;

interface Owner {
  /** The log is there, and everything new in it comes from here on. Told again after each `down`. */
  up(): void;
  /** What comes next may come after a gap. */
  down(): void;
  /** A mark of this connection's own came back: everything up to it has come too. */
  mark(count: number): void;
}

/** This process's way to the push log: whether pushes flow, how far they have come, and what was missed. */
export class LogConnection {
  /** The highest position seen on the connection: all up to it has been delivered here, as NATS keeps the order. */
  seen = 0;
  isUp = false;
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly range: PushRange;
  private readonly markerId: string;
  private readonly marks: Subscription;
  private readonly unwatch: () => void;
  private readonly upListeners = new Set<() => void>();
  private timer?: NodeJS.Timeout;
  /** Each rise has its own: one that was overtaken ends. */
  private turn = 0;
  private marked = 0;

  constructor(
    private readonly nats: NatsConnection,
    health: NatsHealth,
    serverId: string,
    private readonly owner: Owner,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.range = new PushRange(nats);
    // No player's id has a `$`.
    this.markerId = `$${serverId}`;
    this.marks = this.listen(this.markerId, (message) => this.mark(message));
    this.unwatch = health.onChange((connected) => (connected ? void this.rise() : this.fall()));
  }

  listen(playerId: string, receive: (message: Msg) => void): Subscription {
    return this.nats.subscribe(deliverSubject(playerId), { callback: (_error, message) => receive(message) });
  }

  saw(position: number): void {
    if (position > this.seen) this.seen = position;
  }

  /** @throws NotRead */
  replay(playerId: string, from: number): Promise<Replay> {
    return replay(this.reader, this.range, playerId, from);
  }

  /** Where a session starts that has no past: after everything that was stored before. @throws NotRead */
  async latest(): Promise<number> {
    return (await this.range.read()).last;
  }

  /** @throws RpcError BUSY after 5 s */
  untilUp(): Promise<void> {
    if (this.isUp) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const up = () => {
        clearTimeout(timer);
        this.upListeners.delete(up);
        resolve();
      };
      const timer = setTimeout(() => {
        this.upListeners.delete(up);
        reject(new RpcError('BUSY', { message: 'The push log cannot be reached', retryAfterMs: 1_000 }));
      }, untilUpMs);
      this.upListeners.add(up);
    });
  }

  /** Finds the log and sees a first mark in it. */
  async rise(): Promise<void> {
    const turn = ++this.turn;
    let seq: number | undefined;
    while (turn === this.turn && seq === undefined) {
      try {
        await openPushStream(this.nats);
        seq = (await this.publishMark()).seq;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    if (turn !== this.turn || seq === undefined) return;
    // The connection's place counts from here: what came before the mark is read by each player's catch-up.
    this.seen = seq - 1;
    this.isUp = true;
    this.timer = setInterval(() => void this.publishMark().catch(() => this.reopen()), markEveryMs);
    for (const listener of [...this.upListeners]) listener();
    this.owner.up();
  }

  close(): void {
    this.turn += 1;
    this.unwatch();
    clearInterval(this.timer);
    this.marks.unsubscribe();
    this.publisher.close();
    this.reader.close();
  }

  private fall(): void {
    this.turn += 1;
    this.isUp = false;
    clearInterval(this.timer);
    this.owner.down();
  }

  /** The log was deleted under us, or NATS is starting. */
  private async reopen(): Promise<void> {
    await openPushStream(this.nats).catch(() => {});
  }

  private publishMark(): Promise<{ seq: number }> {
    const id = `${Date.now().toString(36)}-${(this.marked++).toString(36)}`;
    return this.publisher.publish(logSubject(this.markerId, id), '');
  }

  private mark({ headers }: Msg): void {
    if (!headers || !this.isUp) return;
    this.saw(Number(headers.get('Nats-Sequence')));
    this.owner.mark(this.marked);
  }
}
