import {
  type ConsumerMessages,
  DeliverPolicy,
  jetstream,
  type JsMsg,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsHealth } from '../nats/nats-health.js';

export interface FollowOptions {
  stream: string;
  /** Only messages of this subject. */
  subject?: string;
  /** Begin with the newest message of the subject. */
  newest?: boolean;
  /** Messages from this moment on, ISO 8601; all when left out. */
  from?: string;
  /** Called in the order of the stream, once a message. Must not throw. */
  onMessage: (message: JsMsg) => void;
  /** Called when the stream was made anew, as NATS lost its files: what was read before is gone. */
  onReset?: () => void;
}

/** Two heartbeats missed mean that the consumer is gone. */
const heartbeatMs = 1000;
const retryMs = 250;
/** A NATS that is just starting does not answer at all: better to ask again soon. */
const apiTimeoutMs = 1000;

/**
 * Reads a stream from a point on, for as long as the process lives, across reconnects and restarts of NATS.
 *
 * The library's ordered consumer stays silent for ever when the server that held it was killed (seen with
 * @nats-io/jetstream 3.4 and nats-server 2.15), so a new one goes on after the last message whenever the connection
 * comes back or heartbeats stay away.
 */
export class StreamFollower {
  /** True from the moment when all messages that were there at the start have been read. */
  isCaughtUp = false;
  private lastSequence = 0;
  private created?: string;
  private isClosed = false;
  private messages?: ConsumerMessages;
  private readonly unwatch: () => void;
  private readonly running: Promise<void>;

  constructor(
    private readonly nats: NatsConnection,
    health: NatsHealth,
    private readonly options: FollowOptions,
  ) {
    this.unwatch = health.onChange(() => this.messages?.stop());
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.unwatch();
    this.messages?.stop();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      // What fails here is NATS being away or starting: the next round tries again.
      await this.readOn().catch(() => {});
      if (!this.isClosed) await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** Resolves when the consumer is gone or stopped. */
  private async readOn(): Promise<void> {
    await this.forgetLostStream();
    const consumer = await jetstream(this.nats, { timeout: apiTimeoutMs }).consumers.get(
      this.options.stream,
      this.start(),
    );
    if ((await consumer.info(true)).num_pending === 0) this.isCaughtUp = true;
    const messages = await consumer.consume({
      idle_heartbeat: heartbeatMs,
      callback: (message) => this.take(message),
    });
    this.messages = messages;
    // It may have been closed while the consumer was made.
    if (this.isClosed) messages.stop();
    void this.stopWhenLost(messages);
    await messages.closed();
  }

  /** A stream that was made anew, after NATS lost its files, begins at 1 again. */
  private async forgetLostStream(): Promise<void> {
    const manager = await jetstreamManager(this.nats, { timeout: apiTimeoutMs, checkAPI: false });
    const { created } = await manager.streams.info(this.options.stream);
    if (this.created !== undefined && this.created !== created) {
      this.lastSequence = 0;
      this.options.onReset?.();
    }
    this.created = created;
  }

  private async stopWhenLost(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === 'heartbeats_missed') messages.stop();
    }
  }

  private take(message: JsMsg): void {
    if (message.seq <= this.lastSequence) return;
    this.lastSequence = message.seq;
    this.options.onMessage(message);
    if (message.info.pending === 0) this.isCaughtUp = true;
  }

  private start(): object {
    const { from, newest, subject } = this.options;
    const filter = subject ? { filter_subjects: [subject] } : {};
    if (this.lastSequence > 0) {
      return { ...filter, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.lastSequence + 1 };
    }
    if (newest) return { ...filter, deliver_policy: DeliverPolicy.LastPerSubject };
    return from
      ? { ...filter, deliver_policy: DeliverPolicy.StartTime, opt_start_time: from }
      : { ...filter, deliver_policy: DeliverPolicy.All };
  }
}
