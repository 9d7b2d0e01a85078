import type { NatsConnection } from '@nats-io/nats-core';

/** What the inboxes of this engine start with: their owners understand batches. */
export const inboxPrefix = '_INBOX.rpc';
/** Stands where a call's token stands, and is none: tokens are base 36. */
export const batchToken = '-';

/** Longer answers go alone: there is nothing to win, and a batch stays far below any payload limit. */
const longestAnswer = 4_096;
const longestBatch = 16_384;

interface Batch {
  /** `"token",result` pairs. */
  parts: string[];
  length: number;
}

/**
 * Answers to one process that are ready in the same moment travel as one message, `["1a",{…},"1b",{…}]`: NATS then routes
 * one message and not forty. It waits for nothing: what comes alone, goes alone.
 */
export class ReplyBatch {
  private readonly batches = new Map<string, Batch>();

  constructor(private readonly nats: NatsConnection) {}

  /** @returns false where this answer has to go alone. */
  add(reply: string, json: string): boolean {
    if (json.length > longestAnswer || !reply.startsWith(inboxPrefix)) {
      return false;
    }
    const dot = reply.lastIndexOf('.') + 1;
    const inbox = reply.slice(0, dot);
    let batch = this.batches.get(inbox);
    if (!batch) {
      batch = { parts: [], length: 0 };
      this.batches.set(inbox, batch);
      if (this.batches.size === 1) {
        queueMicrotask(this.flush);
      }
    }
    batch.parts.push(reply.slice(dot), json);
    batch.length += json.length;
    if (batch.length > longestBatch) {
      this.batches.delete(inbox);
      this.publish(inbox, batch.parts);
    }
    return true;
  }

  private readonly flush = (): void => {
    for (const [inbox, { parts }] of this.batches) {
      this.publish(inbox, parts);
    }
    this.batches.clear();
  };

  private publish(inbox: string, parts: string[]): void {
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
