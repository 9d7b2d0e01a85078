import { ClientError, invalid } from './errors.js';

/** Bytes of one message that a connector takes (`maxMessageBytes` of its gateway); a larger one would end the connection. */
const maxMessageBytes = 64 * 1024;
/** A connector takes no longer one. */
const maxRouteLength = 128;
/** Packet type, event name, the timestamp and the fields' names around what is counted. */
const envelopeBytes = 128;

/** A message of `request` or `notify`, as it was when they were called. */
export interface Message {
  route: string;
  data: unknown;
  version?: string;
  traceparent?: string;
}

/**
 * A copy of what is to be sent: it may wait for a connection, and the game may change its own meanwhile.
 *
 * @throws ClientError INVALID for what JSON can't hold, with `problems`; TOO_LARGE with `bytes` and `limit`
 */
export function messageOf(
  route: string,
  data: unknown,
  { version, traceparent }: Pick<Message, 'version' | 'traceparent'> = {},
): Message {
  if (typeof route !== 'string' || route === '' || route.length > maxRouteLength)
    throw invalid(
      'route',
      `expected a string such as "matching.join", of ${maxRouteLength} characters at most`,
    );
  if (version !== undefined && typeof version !== 'string')
    throw invalid('version', 'expected a string such as "1.0.0000"');
  if (traceparent !== undefined && typeof traceparent !== 'string')
    throw invalid('traceparent', 'expected a string of W3C trace context');
  const json = toJson(data ?? {});
  const texts = [json, ...[route, version ?? '', traceparent ?? ''].map((text) => JSON.stringify(text))];
  const bytes = texts.reduce((sum, text) => sum + utf8Length(text), envelopeBytes);
  if (bytes > maxMessageBytes)
    throw new ClientError('TOO_LARGE', { details: { bytes, limit: maxMessageBytes } });
  return {
    route,
    data: JSON.parse(json) as unknown,
    ...(version !== undefined && { version }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

function toJson(data: unknown): string {
  let json: string | undefined;
  let hidden: string | undefined;
  try {
    json = JSON.stringify(data, (_, value: unknown) => {
      hidden ??= classThatIsNoData(value);
      return value;
    });
  } catch (cause) {
    throw invalid('data', 'expected what JSON can hold', cause);
  }
  if (json === undefined || hidden) throw invalid('data', `expected JSON, not a ${hidden ?? typeof data}`);
  return json;
}

/** JSON makes `{}` of these, and socket.io a packet that no server here takes. */
function classThatIsNoData(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const isData = /^(Object|Array|Date|Boolean|Number|String)$/.test(tag);
  const isBuiltIn =
    /Map|Set|Error|RegExp|Promise|Array|Buffer|DataView|Blob|File|Generator|Iterator|Stream/.test(tag);
  return !isData && isBuiltIn ? tag : undefined;
}

/** By hand: not every platform has a TextEncoder. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // Each half of a pair counts two of its four bytes.
    if (code > 0x7ff && (code < 0xd800 || code > 0xdfff)) length += 2;
    else if (code > 0x7f) length += 1;
  }
  return length;
}
