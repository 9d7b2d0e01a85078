import { type DirectReader, type DirectRequest, NotRead } from './direct-reader.js';
import { ownMessage, type StoredMessage } from './stored-message.js';

/** Where a cursor begins in a stream; see `FollowOptions`. */
export interface CursorOptions {
  stream: string;
  subject?: string;
  newest?: boolean;
  from?: string;
  expecting?: boolean;
  onMessage: (message: StoredMessage) => void;
  /** Called with the subject of each message that was read, those that are left out among them. */
  onRead: (subject: string) => void;
}

/** Messages that this process has stored next to each other. */
export interface OwnMessages {
  first: number;
  messages: readonly { subject: string; payload: string }[];
}

/** NATS counts what is left once a batch, which takes it as long as to send a thousand messages: so large batches. */
const batch = 10_000;
/** So many subjects a direct read of last messages gives at most. */
const mostSubjects = 1_024;

/** A place in a stream, and the reads that move it on. */
export class StreamCursor {
  private sequence = 0;
  private newest: boolean;

  constructor(
    private readonly reader: DirectReader,
    private readonly options: CursorOptions,
  ) {
    this.newest = options.newest === true;
  }

  /** The sequence of the last message that was read. */
  get position(): number {
    return this.sequence;
  }

  /** Back to the start. */
  reset(): void {
    this.sequence = 0;
  }

  /** Delivers what this process has stored, without reading it. @returns false: something else stands before it, and is to be read first */
  deliverOwn({ first, messages }: OwnMessages): boolean {
    if (first > this.sequence + 1) return false;
    for (const { subject, payload } of messages.slice(this.sequence + 1 - first))
      this.handOver(ownMessage(this.options.stream, subject, this.sequence + 1, payload));
    return true;
  }

  /** Reads whatever is there, in batches. @throws NotRead */
  async readAll(): Promise<void> {
    let pending = 1;
    while (pending > 0) pending = await this.readBatch();
  }

  /**
   * Reads up to so many messages by a request for each: these cost NATS less than a batch does, which counts what is left.
   * Each asks for the next message from one place further on, so that together they leave none out.
   *
   * @returns whether there may be more
   * @throws NotRead
   */
  async readFew(count: number): Promise<boolean> {
    const { stream, subject = '>' } = this.options;
    const requests = Array.from({ length: count }, (_, index) => ({
      next_by_subj: subject,
      seq: this.sequence + 1 + index,
    }));
    const answers = await Promise.all(requests.map((request) => this.reader.readMessages(stream, request)));
    for (const [message] of answers) {
      // Another replica may know of more, but not of what this one doesn't have yet.
      if (!message) return false;
      this.deliver(message);
    }
    return true;
  }

  private async readBatch(): Promise<number> {
    try {
      return await this.reader.readEach(this.options.stream, this.nextRequest(), (message) =>
        this.deliver(message),
      );
    } catch (error) {
      if (!(error instanceof NotRead) || error.kind !== 'too-many') throw error;
      this.newest = false;
      return this.readBatch();
    }
  }

  private nextRequest(): DirectRequest {
    const { from, subject = '>' } = this.options;
    if (this.sequence > 0) return { next_by_subj: subject, seq: this.sequence + 1, batch };
    if (this.newest) return { multi_last: [subject], batch: mostSubjects };
    return from
      ? { next_by_subj: subject, start_time: from, batch }
      : { next_by_subj: subject, seq: 1, batch };
  }

  private deliver(message: StoredMessage): void {
    if (message.seq <= this.sequence) return;
    this.options.onRead(message.subject);
    this.handOver(message);
  }

  private handOver(message: StoredMessage): void {
    this.sequence = message.seq;
    if (this.options.expecting ? message.isWritten : !message.isForeign) this.options.onMessage(message);
  }
}
