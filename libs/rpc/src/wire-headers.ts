import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import type { RpcContext } from './context.js';
import { checkToken, isToken } from './subjects.js';

/** Ms that the caller still waits. Time left and not a time of day, so that clocks need not agree. */
const leftHeader = 'Rpc-Left';
const versionHeader = 'Rpc-Version';
const attributesHeader = 'Rpc-Attributes';
const traceHeader = 'traceparent';
const bytesHeader = 'Rpc-Bytes';
const errorHeader = 'Rpc-Error';
const serverHeader = 'Rpc-Server';
const statusHeader = 'Rpc-Status';

/** A header block written once. nats.js asks a MsgHdrs for nothing but `encode` when it publishes. */
class HeaderBlock {
  constructor(private readonly bytes: Uint8Array) {}

  encode(): Uint8Array {
    return this.bytes;
  }

  get length(): number {
    return this.bytes.length;
  }
}

export type Headers = MsgHdrs & { readonly length: number };

function block(text: string): Headers {
  return new HeaderBlock(Buffer.from(`NATS/1.0\r\n${text}\r\n`)) as unknown as Headers;
}

const printable = /^[\x21-\x7e]{1,256}$/;
const attributesText = new WeakMap<object, string>();

/** @param leftMs whole ms, or undefined where nobody waits. */
export function requestHeaders(context: RpcContext, leftMs: number | undefined, binary: boolean): Headers {
  let text = leftMs === undefined ? '' : `${leftHeader}: ${leftMs}\r\n`;
  if (context.version !== undefined) {
    text += `${versionHeader}: ${checkToken('version', context.version)}\r\n`;
  }
  if (context.traceparent !== undefined && printable.test(context.traceparent)) {
    text += `${traceHeader}: ${context.traceparent}\r\n`;
  }
  const attributes = encodeAttributes(context.attributes);
  if (attributes !== '{}') {
    text += `${attributesHeader}: ${attributes}\r\n`;
  }
  return block(binary ? `${text}${bytesHeader}: 1\r\n` : text);
}

/** JSON has no line breaks outside of escapes, so it is a legal header. */
function encodeAttributes(attributes: RpcContext['attributes']): string {
  let text = attributesText.get(attributes);
  if (text === undefined) {
    text = JSON.stringify(attributes);
    attributesText.set(attributes, text);
  }
  return text;
}

export interface RequestHead {
  /** Ms that the caller still waits; undefined where nobody does. */
  leftMs?: number;
  binary: boolean;
  version?: string;
  traceparent?: string;
  attributes: RpcContext['attributes'];
}

const noAttributes: RpcContext['attributes'] = Object.freeze({});

/** Never throws: what isn't understood is not there. */
export function readRequestHead(headers: MsgHdrs | undefined): RequestHead {
  if (!headers) {
    return { binary: false, attributes: noAttributes };
  }
  const left = Number(headers.get(leftHeader) || Number.NaN);
  const version = headers.get(versionHeader);
  const traceparent = headers.get(traceHeader);
  const attributes = headers.get(attributesHeader);
  return {
    leftMs: Number.isFinite(left) ? left : undefined,
    binary: headers.has(bytesHeader),
    version: isToken('version', version) ? version : undefined,
    traceparent: traceparent || undefined,
    attributes: attributes ? decodeAttributes(attributes) : noAttributes,
  };
}

function decodeAttributes(text: string): RpcContext['attributes'] {
  try {
    const parsed: unknown = JSON.parse(text);
    const attributes = Object.freeze(
      Object.fromEntries(
        Object.entries(Object(parsed) as object).filter(([, value]) => typeof value === 'string'),
      ),
    ) as RpcContext['attributes'];
    attributesText.set(attributes, JSON.stringify(attributes));
    return attributes;
  } catch {
    return noAttributes;
  }
}

/** What an answer says about itself. Absent: it is the result, as JSON. */
export interface ReplyHead {
  binary?: boolean;
  /** The error's code; its public parts are the body. */
  error?: string;
  /** Which server speaks, and which life of it: `matching-prod-v100000-0/k3j9`. */
  server?: string;
  /** `working`: not the answer, only the word that it is being worked on. `refused`: the work was not begun. */
  status?: 'working' | 'refused';
}

export function replyHeaders({ binary, error, server, status }: ReplyHead): Headers {
  return block(
    (binary ? `${bytesHeader}: 1\r\n` : '') +
      (error ? `${errorHeader}: ${error}\r\n` : '') +
      (server ? `${serverHeader}: ${server}\r\n` : '') +
      (status ? `${statusHeader}: ${status}\r\n` : ''),
  );
}

/** NATS itself answers a request that nobody listens to with an empty 503. */
export function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}

export function readReplyHead(headers: MsgHdrs): ReplyHead {
  const status = headers.get(statusHeader);
  return {
    binary: headers.has(bytesHeader),
    error: headers.get(errorHeader) || undefined,
    server: headers.get(serverHeader) || undefined,
    status: status === 'working' || status === 'refused' ? status : undefined,
  };
}
