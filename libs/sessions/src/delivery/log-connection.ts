import { type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { AckedPublisher, DirectReader, NotRead, NotStored, republishedMessage } from '@ccgame/jetstream';
import { type NatsHealth, noteRetry } from '@ccgame/nats';
import { RpcError } from '@ccgame/rpc';
import { openPushStream, pushLeaderSubject, pushRange, type PushRange } from '../push/push-stream.js';
import { SharedQuestion } from '../push/shared-question.js';
import { deliverSubject, freshMarkId, logSubject, markId } from '../push/subjects.js';
import { replay, type Replay } from './replay.js';

const markEveryMs = 5_000;
/** After a mark that was not stored. */
const markAgainMs = 500;
const retryMs = 250;
const untilUpMs = 5_000;

interface LogListener {
  /** The log is there, and everything new in it comes from here on. Told again after each `down`. */
  up(): void;
  /** The next push may come after a gap. */
  down(): void;
  /** A mark of this connection's own came back: everything up to it has come too. */
  mark(count: number): void;
}

/** This process's way to the push log: whether pushes flow, how far they have come, and what was missed. */
export class LogConnection {
  /** The highest position seen on the connection: all up to it has been delivered here, as NATS keeps the order. */
  seen = 0;
  isUp = false;
  /** The last mark was stored: the log takes what is written to it. */
  isSound = false;
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly range: SharedQuestion<PushRange>;
  private readonly freshMark: SharedQuestion<string>;
  /** The subject of this process's marks. */
  private readonly ownMarks: string;
  private readonly marks: Subscription;
  private readonly leaders: Subscription;
  private readonly unwatch: () => void;
  private readonly upListeners = new Set<() => void>();
  private timer?: NodeJS.Timeout;
  /** Each rise has its own: one that was overtaken ends. */
  private generation = 0;
  private marked = 0;
  private asked = 0;
  /** More than one NATS server keeps the log. */
  private isReplicated = false;

  constructor(
    private readonly nats: NatsConnection,
    health: NatsHealth,
    serverId: string,
    private readonly listener: LogListener,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.range = new SharedQuestion(() => pushRange(nats).catch(asNotRead));
    this.freshMark = new SharedQuestion(() => this.publishFreshMark().catch(asNotRead));
    this.ownMarks = `${serverId}_`;
    this.marks = this.addListener(markId, (message) => this.markPosition(message));
    this.leaders = nats.subscribe(pushLeaderSubject, {
      callback: (error) => (error ? undefined : this.startOver()),
    });
    this.unwatch = health.onChange((connected) => (connected ? void this.goUp() : this.goDown()));
  }

  addListener(playerId: string, receive: (message: Msg) => void): Subscription {
    return this.nats.subscribe(deliverSubject(playerId), {
      callback: (error, message) => (error ? undefined : receive(message)),
    });
  }

  notePosition(position: number): void {
    if (position > this.seen) this.seen = position;
  }

  /** @throws NotRead */
  async replay(playerId: string, from: number): Promise<Replay> {
    const { reader } = this;
    const mark = this.isReplicated ? await this.freshMark.askOnce() : undefined;
    return replay({ reader, range: () => this.range.askOnce(), mark }, playerId, from);
  }

  /** Where a session starts that has no past: after everything that was stored before. @throws NotRead */
  async latestPosition(): Promise<number> {
    return (await this.range.askOnce()).last;
  }

  /** @throws RpcError BUSY after that time */
  untilUp(ms = untilUpMs): Promise<void> {
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
      }, ms);
      this.upListeners.add(up);
    });
  }

  /** Finds the log and sees a first mark in it. */
  async goUp(): Promise<void> {
    const generation = ++this.generation;
    let seq: number | undefined;
    while (generation === this.generation && seq === undefined) {
      try {
        await openPushStream(this.nats);
        this.isReplicated = (await this.range.askOnce()).replicas > 1;
        seq = (await this.publishMark()).seq;
      } catch (error) {
        if (generation === this.generation) noteRetry('push-log', error);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    if (generation !== this.generation || seq === undefined) return;
    // The connection's place counts from here: what came before the mark is read by each player's catch-up.
    this.seen = seq - 1;
    this.isUp = true;
    this.isSound = true;
    this.markAfter(markEveryMs);
    for (const listener of [...this.upListeners]) listener();
    this.listener.up();
  }

  close(): void {
    this.generation += 1;
    this.unwatch();
    clearTimeout(this.timer);
    this.marks.unsubscribe();
    this.leaders.unsubscribe();
    this.publisher.close();
    this.reader.close();
  }

  private goDown(): void {
    this.generation += 1;
    this.isUp = false;
    clearTimeout(this.timer);
    this.listener.down();
  }

  /** Delivery may have had a gap, though this connection to NATS is as it was. */
  private startOver(): void {
    this.goDown();
    void this.goUp();
  }

  private markAfter(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.markAgain(this.generation), ms);
  }

  private async markAgain(generation: number): Promise<void> {
    try {
      await this.publishMark();
      this.isSound = true;
    } catch (error) {
      if (generation !== this.generation) return;
      this.isSound = false;
      await this.markFailed(error);
    }
    if (generation === this.generation) this.markAfter(this.isSound ? markEveryMs : markAgainMs);
  }

  private async markFailed(error: unknown): Promise<void> {
    const isGone = !this.isReplicated && error instanceof NotStored && error.kind === 'nobody';
    // Servers of a cluster may have lost each other for a while. A single one that is late has lost nothing, and has enough
    // to do; a log that was deleted under us loses nobody a push.
    if (this.nats.info?.cluster === undefined || isGone) await openPushStream(this.nats).catch(() => {});
    else if (this.isUp) this.startOver();
  }

  private publishMark(): Promise<{ seq: number }> {
    return this.publisher.publish(logSubject(markId, this.idOf(this.marked++)), '');
  }

  /** One that nobody waits for: only its place counts. Returns its subject. */
  private async publishFreshMark(): Promise<string> {
    const subject = logSubject(freshMarkId, this.idOf(this.asked++));
    await this.publisher.publish(subject, '');
    return subject;
  }

  /** Unique even among processes of this name. */
  private idOf(number: number): string {
    return `${this.ownMarks}${Date.now().toString(36)}-${number.toString(36)}`;
  }

  private markPosition(message: Msg): void {
    const { seq, subject } = republishedMessage(message);
    if (!this.isUp || !subject.startsWith(logSubject(markId, this.ownMarks))) return;
    this.notePosition(seq);
    this.listener.mark(this.marked);
  }
}

function asNotRead(): never {
  throw new NotRead('away');
}
