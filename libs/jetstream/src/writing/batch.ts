import { headersOf } from '@ccgame/rpc';
import type { MsgHdrs } from '@nats-io/nats-core';

/** A message that is stored only where its subject's newest one is the expected one. */
export interface ExpectingMessage {
  subject: string;
  payload: string;
  /** Sequence of the subject's newest message; 0: there must be none. Left out: whatever stands there, so it is no record. */
  expected?: number;
  /** Subjects, by a wildcard, whose newest message the expectation is about; the message's own when left out. */
  expectedOn?: string;
  /** Stored twice it does no harm: where it goes by itself, it is sent again when its ack is late, as one with an expectation is. */
  mayBeTwice?: boolean;
  /** How long it is kept; as long as the stream's own limit when left out. */
  ttlSeconds?: number;
}

/** A batch of more is refused by the server. */
export const maxBatchMessages = 1_000;

/** The header by which NATS refuses a message when another is the subject's newest: it is stored once, however often it comes. */
export const expectedHeader = 'Nats-Expected-Last-Subject-Sequence';

type Expectation = Pick<ExpectingMessage, 'expected' | 'expectedOn' | 'ttlSeconds'>;

/** The headers by which NATS refuses a message when the subject has changed since it was read. @throws RpcError INVALID */
export function expectingHeaders(message: Expectation): MsgHdrs {
  return headersOf(expectingFields(message));
}

/** Headers of one message of an atomic batch (ADR-50); the last one commits it. @throws RpcError INVALID */
export function inBatch(message: ExpectingMessage, batchId: string, index: number, isLast: boolean): MsgHdrs {
  return headersOf({
    ...expectingFields(message),
    'Nats-Batch-Id': batchId,
    'Nats-Batch-Sequence': String(index + 1),
    ...(isLast && { 'Nats-Batch-Commit': '1' }),
  });
}

function expectingFields({ expected, expectedOn, ttlSeconds }: Expectation): Record<string, string> {
  const fields: Record<string, string> = {};
  if (expected !== undefined) fields[expectedHeader] = String(expected);
  if (expectedOn !== undefined) fields['Nats-Expected-Last-Subject-Sequence-Subject'] = expectedOn;
  if (ttlSeconds !== undefined) fields['Nats-TTL'] = `${ttlSeconds}s`;
  return fields;
}

/** Splits items, in their order, into lists of at most `most` together; an item that is larger than that stands alone. */
export function splitBySize<T>(items: readonly T[], most: number, sizeOf: (item: T) => number): T[][] {
  const lists: T[][] = [];
  let size = Infinity;
  for (const item of items) {
    if (size + sizeOf(item) > most) {
      lists.push([]);
      size = 0;
    }
    lists.at(-1)?.push(item);
    size += sizeOf(item);
  }
  return lists;
}
