import { isName } from '@ccgame/config';
import type { GatewayMessageDto } from '@ccgame/protocol';
import { type FieldProblem, inputBounds, invalid, isWithin } from '@ccgame/rpc';

const expected = {
  data: `JSON of at most ${inputBounds.depth} levels and ${inputBounds.entries} entries, with lists of at most ${inputBounds.items}`,
  route: 'a string of at most 128 characters',
  timestamp: 'a whole number from 0',
  traceparent: 'a string of at most 128 characters',
  version: 'a version such as 1.0.0000',
};

/**
 * Checks what a client sent against {@link GatewayMessageDto}. By hand: it runs for every message of every player, and the
 * decorators' own check costs more than the whole rest of the way. A spec holds the two together.
 *
 * @throws RpcError INVALID that names the wrong fields
 */
export function checkEnvelope(message: unknown): GatewayMessageDto {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw invalid([{ field: '', rule: 'expected an object with a route and data' }]);
  }
  const envelope = message as GatewayMessageDto;
  const { data, route, timestamp, traceparent, version } = envelope as unknown as Record<string, unknown>;
  let isGood = isPlainJson(data) && isShort(route);
  isGood &&= timestamp === undefined || (Number.isSafeInteger(timestamp) && (timestamp as number) >= 0);
  isGood &&= (traceparent === undefined || isShort(traceparent)) && isGoodVersion(version);
  if (isGood) for (const name in envelope) if (!Object.hasOwn(expected, name)) isGood = false;
  if (isGood) return envelope;
  throw invalid(explain(message as Record<string, unknown>));
}

/** The id of a message, by which a handler knows it again; undefined where it has none, or one that is refused. */
export function requestIdOf(message: unknown): string | undefined {
  const { timestamp } = (message ?? {}) as { timestamp?: unknown };
  return Number.isSafeInteger(timestamp) && (timestamp as number) >= 0 ? String(timestamp) : undefined;
}

/** The fields of a Request that its Response repeats, as far as they are what they should be. */
export function echoOf(message: unknown): { route: string; timestamp?: number } {
  const { route, timestamp } = (message ?? {}) as { route?: unknown; timestamp?: unknown };
  const name = typeof route === 'string' ? route.slice(0, 128) : '';
  return Number.isFinite(timestamp) ? { route: name, timestamp: timestamp as number } : { route: name };
}

const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= 128;

function isGoodVersion(version: unknown): boolean {
  return version === undefined || version === '' || isName('version', version);
}

function explain(message: Record<string, unknown>): FieldProblem[] {
  const good: Record<string, boolean> = {
    data: isPlainJson(message.data),
    route: isShort(message.route),
    timestamp:
      message.timestamp === undefined ||
      (Number.isSafeInteger(message.timestamp) && (message.timestamp as number) >= 0),
    traceparent: message.traceparent === undefined || isShort(message.traceparent),
    version: isGoodVersion(message.version),
  };
  const wrong = Object.entries(expected).filter(([field]) => !good[field]);
  const unknown = Object.keys(message)
    .slice(0, 16)
    .filter((field) => !Object.hasOwn(expected, field));
  return [
    ...wrong.map(([field, what]) => ({ field, rule: ruleOf(field, what, message) })),
    ...unknown.map((field) => ({ field: field.slice(0, 64), rule: 'there is no such field' })),
  ];
}

function ruleOf(field: string, what: string, message: Record<string, unknown>): string {
  if (message[field] !== undefined) return `expected ${what}`;
  return field === 'data'
    ? 'is missing: send null to a handler that takes nothing'
    : `is missing: expected ${what}`;
}

/** No binary attachments, and no more than a back end bears. */
function isPlainJson(value: unknown): boolean {
  return value !== undefined && isWithin(value, inputBounds);
}
