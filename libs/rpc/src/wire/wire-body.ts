import { isUtf8 } from 'node:buffer';
import { assertData } from './assert-data.js';
import { asBuffer } from '@ccgame/nats';
import type { RpcError } from '../errors.js';
import { errorText } from '@ccgame/config';
import { invalid } from '../validation/invalid.js';

const nothing = new Uint8Array(0);

/**
 * A payload as bytes. JSON, except: `undefined` is no bytes at all, and a Uint8Array or Buffer goes as it is
 * (the header `Rpc-Bytes` says so). docs/rpc.md has the whole table.
 *
 * @throws RpcError INVALID for what would arrive as something else: bigint, functions, symbols, cycles, binary inside of an
 *   object, and what {@link assertData} refuses.
 */
export function encodeBody(data: unknown): Uint8Array {
  if (data === undefined) {
    return nothing;
  }
  if (data instanceof Uint8Array) {
    return data;
  }
  return Buffer.from(encodeJson(data));
}

/** @throws RpcError INVALID, see `encodeBody`. */
export function encodeJson(data: unknown): string {
  try {
    const json = JSON.stringify(data);
    if (json !== undefined) {
      assertData(data);
      return json;
    }
  } catch (error) {
    // A getter or a `toJSON` of the payload's own may have thrown anything.
    throw unfitBody(errorText(error), error);
  }
  throw unfitBody(`a ${typeof data} is no JSON`);
}

/** @throws RpcError INVALID when the bytes are no UTF-8 JSON. */
export function decodeBody(bytes: Uint8Array, isBinary: boolean): unknown {
  if (isBinary) {
    return bytes;
  }
  if (bytes.length === 0) {
    return undefined;
  }
  if (!isUtf8(bytes)) {
    throw invalid([{ field: '', rule: 'expected UTF-8' }], { message: 'The payload is not UTF-8' });
  }
  try {
    return JSON.parse(asBuffer(bytes).toString()) as unknown;
  } catch {
    throw invalid([{ field: '', rule: 'expected JSON' }], { message: 'The payload is not JSON' });
  }
}

function unfitBody(message: string, cause?: unknown): RpcError {
  const rule = 'expected what arrives as it was sent: JSON, or bytes alone';
  return invalid([{ field: '', rule }], { message: `The payload can't be sent: ${message}`, cause });
}
