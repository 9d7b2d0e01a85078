import { type Span, SpanKind } from '@opentelemetry/api';
import type { StoredMessage } from '@ccgame/jetstream';
import { isTracing, startSpan } from '@ccgame/rpc';
import { logKnowsMs } from '../push/push-stream.js';
import { doubtHeader, traceHeader } from '../push/subjects.js';

/** A push on its way to a socket, without its headers, which would fill the memory where many wait. */
export interface HeldPush {
  /** Its position; 0: a volatile one has none. */
  seq: number;
  data: Uint8Array;
  /** The player may have had it, so long ago at most. */
  doubtMs?: number;
  /** The `traceparent` of its span; undefined where nobody records it. */
  trace?: string;
}

export function heldPush(message: StoredMessage): HeldPush {
  const { seq, data } = message;
  const trace = isTracing() ? message.fieldOf(traceHeader) : '';
  const doubtMs = message.hasHeader(doubtHeader) ? doubtOf(message.fieldOf(doubtHeader)) : undefined;
  return { seq, data, ...(trace !== '' && { trace }), ...(doubtMs !== undefined && { doubtMs }) };
}

/** A server of an older version says `1`, and that only of a try that the log may have forgotten. */
function doubtOf(field: string): number {
  const ms = Number(field);
  return ms > 1 ? ms : logKnowsMs;
}

/** The last part of a push's trace: it is written to the player's socket. Undefined where nobody records it. */
export function startDelivery({ trace }: HeldPush, playerId: string): Span | undefined {
  if (trace === undefined) return undefined;
  const from = { attributes: {}, traceparent: trace };
  return startSpan('deliver', SpanKind.CONSUMER, () => ({ 'ccgame.player': playerId }), from);
}
