import type { Msg } from '@nats-io/nats-core';
import { nobody, type RpcContext } from '../context.js';
import { encodeJson } from './wire-body.js';
import { headerText, type RawMessage } from '@ccgame/nats';
import { isName } from '@ccgame/config';
import { checkName } from '../names/check-name.js';
import { bytesHeader, headerBlock, type Headers } from './header-block.js';

/**
 * Ms that the caller still waits, or {@link noLimit}. Time left and not a time of day, so that clocks need not agree. Every
 * call has it.
 */
const leftHeader = 'Rpc-Left';
const noLimit = '-';
/** The caller understands `Rpc-Status: working`, a message that is not the answer. A plain NATS request does not. */
const workingHeader = 'Rpc-Working';
/** NATS adds headers of this kind to what it delivers of its own: stored messages, for one. No call has any. */
const natsHeaders = 'Nats-';
const lineEnd = '\r\n';
const versionHeader = 'Rpc-Version';
const attributesHeader = 'Rpc-Attributes';
/** The attributes are of this call alone: not worth keeping for another one. */
const ownHeader = 'Rpc-Own';
/** One more attribute, `request`. */
const requestHeader = 'Rpc-Request';
const traceHeader = 'traceparent';
/** The caller wants to know who answers. */
const namedHeader = 'Rpc-Named';

const printable = /^[\x21-\x7e]{1,256}$/;
/** The lines that tell who asks, by attributes: those of a session are one object, in all of its calls. */
const callerLines = new WeakMap<object, { version?: string; lines: string }>();

/** The bytes that most calls begin with: one server answers, and says so when it takes a while. */
const callStart = `${workingHeader}: 1\r\n${leftHeader}: `;

/**
 * @param leftMs whole ms, or undefined where nobody waits
 * @param named every answer is to say who gives it: a broadcast, whose answers are counted and not awaited one by one
 */
export function requestHeaders(
  context: RpcContext,
  leftMs: number | undefined,
  binary: boolean,
  named = false,
): Headers {
  if (context === nobody && !binary && !named && leftMs !== undefined) {
    return bareHeaders(leftMs);
  }
  const isOneCall = leftMs !== undefined && !named;
  let text = `${isOneCall ? callStart : `${leftHeader}: `}${leftMs ?? noLimit}\r\n${linesOfCaller(context)}`;
  if (context.traceparent !== undefined && printable.test(context.traceparent)) {
    text += `${traceHeader}: ${context.traceparent}\r\n`;
  }
  if (context.requestId !== undefined) {
    text += `${requestHeader}: ${checkName('messageId', context.requestId)}\r\n`;
  }
  if (named) {
    text += `${namedHeader}: 1\r\n`;
  }
  return headerBlock(binary ? `${text}${bytesHeader}: 1\r\n` : text);
}

/** Those of a call that is sent once more, with the time that is left by now: whole ms. */
export function withTimeLeft(headers: Headers, leftMs: number): Headers {
  const text = Buffer.from(headers.encode()).toString();
  // It stands before whatever the caller wrote.
  return headerBlock(text.slice(text.indexOf('\r\n') + 2, -2).replace(/^(Rpc-Left: )\d+/m, `$1${leftMs}`));
}

const bare = new Map<number, Headers>();

/** Most calls come from outside of any other and have one of a few time limits. */
function bareHeaders(leftMs: number): Headers {
  let headers = bare.get(leftMs);
  if (!headers) {
    if (bare.size >= 64) {
      bare.clear();
    }
    headers = headerBlock(`${callStart}${leftMs}\r\n`);
    bare.set(leftMs, headers);
  }
  return headers;
}

function linesOfCaller({ version, attributes, ownAttributes }: RpcContext): string {
  if (ownAttributes) {
    const own = attributesLine({ ...attributes, ...ownAttributes });
    return `${versionLine(version)}${own}${ownHeader}: 1\r\n`;
  }
  const known = callerLines.get(attributes);
  if (known && known.version === version) return known.lines;
  const lines = versionLine(version) + attributesLine(attributes);
  callerLines.set(attributes, { version, lines });
  return lines;
}

function versionLine(version: string | undefined): string {
  return version === undefined ? '' : `${versionHeader}: ${checkName('version', version)}\r\n`;
}

/** JSON has no line breaks outside of escapes, so it is a legal header. */
function attributesLine(attributes: RpcContext['attributes']): string {
  const text = encodeJson(attributes);
  return text === '{}' ? '' : `${attributesHeader}: ${text}\r\n`;
}

/** The headers of a call, as its server reads them. */
export interface RequestHead {
  /**
   * Whether a client of this engine sent it as a call. If not, it may be the answer to a request whose reply subject was
   * chosen to be a handler's, which NATS permits to anybody (decision 026).
   */
  isCall: boolean;
  /** Ms that the caller still waits; undefined where nobody does. */
  leftMs?: number;
  /** Whether the caller understands the word that its call is being worked on. */
  wantsWorking?: boolean;
  binary: boolean;
  named?: boolean;
  version?: string;
  traceparent?: string;
  attributes: RpcContext['attributes'];
}

const noAttributes: RpcContext['attributes'] = Object.freeze({});
const noHead: RequestHead = { isCall: false, binary: false, attributes: noAttributes };

/** Never throws: what isn't understood is not there. */
export function readRequestHead(message: Msg): RequestHead {
  const leftMs = onlyLeft(message);
  if (leftMs >= 0) {
    return { isCall: true, wantsWorking: true, binary: false, attributes: noAttributes, leftMs };
  }
  const text = headerText(message);
  if (text === undefined) {
    return noHead;
  }
  const head: RequestHead = { isCall: false, binary: false, attributes: noAttributes };
  const texts: AttributeTexts = {};
  let isOfNats = false;
  let at = text.indexOf(lineEnd) + lineEnd.length;
  for (let end = text.indexOf(lineEnd, at); end >= 0; end = text.indexOf(lineEnd, at)) {
    const colon = text.indexOf(': ', at);
    isOfNats ||= text.startsWith(natsHeaders, at);
    if (colon > at && colon < end) {
      readField(head, texts, text.slice(at, colon), text.slice(colon + 2, end));
    }
    at = end + lineEnd.length;
  }
  head.attributes = decodeAttributes(texts);
  head.isCall &&= !isOfNats;
  return head;
}

interface AttributeTexts {
  attributes?: string;
  request?: string;
  isOwn?: boolean;
}

function readField(head: RequestHead, texts: AttributeTexts, name: string, value: string): void {
  switch (name) {
    case leftHeader:
      head.isCall = true;
      head.leftMs = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
      break;
    case versionHeader:
      head.version = isName('version', value) ? value : undefined;
      break;
    case traceHeader:
      head.traceparent = value;
      break;
    case attributesHeader:
      texts.attributes = value;
      break;
    case ownHeader:
      texts.isOwn = true;
      break;
    case requestHeader:
      texts.request = isName('messageId', value) ? value : undefined;
      break;
    case bytesHeader:
      head.binary = true;
      break;
    case workingHeader:
      head.wantsWorking = true;
      break;
    case namedHeader:
      head.named = true;
      break;
  }
}

const leftStart = Buffer.from(`NATS/1.0\r\n${callStart}`);

/** The time left of a call that says nothing else, read from the bytes; -1 for any other. */
function onlyLeft(message: Msg): number {
  const { _rdata: bytes, _msg: lengths } = message as RawMessage;
  // Behind the number: two line ends.
  const end = (lengths?.hdr ?? 0) - 4;
  if (!bytes || end <= leftStart.length || end > leftStart.length + 9 || bytes.length < end) {
    return -1;
  }
  for (let index = 0; index < leftStart.length; index++) {
    if (bytes[index] !== leftStart[index]) {
      return -1;
    }
  }
  let left = 0;
  for (let index = leftStart.length; index < end; index++) {
    const digit = bytes[index] - 48;
    if (digit < 0 || digit > 9) {
      return -1;
    }
    left = left * 10 + digit;
  }
  return left;
}

/** By their text, which is the same in all calls of a session. */
const decoded = new Map<string, RpcContext['attributes']>();
const mostDecoded = 4_096;
/** A game's own attributes may be long, and are then of one call alone. */
const longestKept = 512;

function decodeAttributes({ attributes: text, request, isOwn }: AttributeTexts): RpcContext['attributes'] {
  const fields = text === undefined ? noAttributes : (decoded.get(text) ?? readFields(text, isOwn));
  return request === undefined ? fields : Object.freeze({ ...fields, request });
}

function readFields(text: string, isOwn = false): RpcContext['attributes'] {
  const fields = Object.freeze(parseFields(text));
  if (isOwn || text.length > longestKept) return fields;
  if (decoded.size >= mostDecoded) decoded.clear();
  decoded.set(text, fields);
  return fields;
}

function parseFields(text: string): Record<string, string> {
  try {
    const parsed = Object(JSON.parse(text)) as Record<string, unknown>;
    for (const name of Object.keys(parsed)) if (typeof parsed[name] !== 'string') delete parsed[name];
    return parsed as Record<string, string>;
  } catch {
    return {};
  }
}
