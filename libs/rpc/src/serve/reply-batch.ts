import type { NatsConnection } from '@nats-io/nats-core';

/** Ends the inboxes of this engine, whose owners understand batches. */
export const inboxMark = '.rpc.';
/** Stands where a call's token stands, and is none: tokens are base 36. */
export const batchToken = '-';

/** Longer answers go alone: there is nothing to win, and a batch stays far below any payload limit, at three bytes a character too. */
const longestAnswer = 4_096;
const longestBatch = 16_384;

/** Processes whose batches are kept for the next time. */
const mostKnown = 1_024;

interface Batch {
  inbox: string;
  /** `"token",result` pairs. */
  parts: string[];
  length: number;
}

/**
 * Answers to one process that are ready in the same moment travel as one message, `["1a",{…},"1b",{…}]`: NATS then routes
 * one message and not forty. It waits for nothing: what comes alone, goes alone.
 */
export class ReplyBatch {
  /** Kept between two moments: a Map that is filled and cleared all the time keeps garbage alive (docs/rpc.md). */
  private readonly known = new Map<string, Batch>();
  /** Those that hold an answer. */
  private filled: Batch[] = [];

  constructor(private readonly nats: NatsConnection) {}

  /** @returns false where this answer has to go alone. */
  addReply(reply: string, json: string): boolean {
    const dot = reply.lastIndexOf('.') + 1;
    const inbox = reply.slice(0, dot);
    if (json.length > longestAnswer || !inbox.endsWith(inboxMark)) {
      return false;
    }
    const batch = this.known.get(inbox) ?? this.openBatch(inbox);
    if (batch.parts.length === 0 && this.filled.push(batch) === 1) {
      queueMicrotask(this.flushReplies);
    }
    batch.parts.push(reply.slice(dot), json);
    batch.length += json.length;
    if (batch.length > longestBatch) {
      this.publishReplies(batch);
    }
    return true;
  }

  private openBatch(inbox: string): Batch {
    if (this.known.size >= mostKnown) {
      this.known.clear();
    }
    const batch = { inbox, parts: [], length: 0 };
    this.known.set(inbox, batch);
    return batch;
  }

  private readonly flushReplies = (): void => {
    const { filled } = this;
    this.filled = [];
    for (const batch of filled) {
      this.publishReplies(batch);
    }
  };

  private publishReplies(batch: Batch): void {
    const { inbox, parts } = batch;
    batch.parts = [];
    batch.length = 0;
    if (parts.length === 0) {
      return;
    }
    if (parts.length === 2) {
      this.nats.publish(inbox + parts[0], Buffer.from(parts[1]));
      return;
    }
    let body = '';
    for (let index = 0; index < parts.length; index += 2) {
      body += `${index === 0 ? '[' : ','}"${parts[index]}",${parts[index + 1]}`;
    }
    this.nats.publish(inbox + batchToken, Buffer.from(`${body}]`));
  }
}
