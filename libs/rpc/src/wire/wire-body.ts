import { isUtf8 } from 'node:buffer';
import { asBuffer } from './as-buffer.js';
import { RpcError } from '../errors.js';

const nothing = new Uint8Array(0);

/**
 * A payload as bytes. JSON, except: `undefined` is no bytes at all, and a Uint8Array or Buffer goes as it is
 * (the header `Rpc-Bytes` says so). docs/rpc.md has the whole table.
 *
 * @throws RpcError INVALID for what would arrive as something else: bigint, functions, symbols, cycles, and binary, Map or
 *   Set inside of an object.
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

/** @throws RpcError INVALID, see {@link encodeBody}. */
export function encodeJson(data: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (error) {
    throw unfit(error instanceof Error ? error.message : String(error), error);
  }
  if (json === undefined) {
    throw unfit(`a ${typeof data} can't be sent`);
  }
  if (mayHideBinary(json)) {
    refuseHidden(data);
  }
  return json;
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
    throw new RpcError('INVALID', { message: 'The payload is not UTF-8' });
  }
  try {
    return JSON.parse(asBuffer(bytes).toString()) as unknown;
  } catch {
    throw new RpcError('INVALID', { message: 'The payload is not JSON' });
  }
}

/** How JSON shows a Buffer, a typed array, a Map or Set: rare shapes, so that the walk below hardly ever runs. */
function mayHideBinary(json: string): boolean {
  return json.includes('{"type":"Buffer"') || json.includes('{"0":') || json.includes('{}');
}

function refuseHidden(value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Map ||
    value instanceof Set
  ) {
    throw unfit(
      `a ${value.constructor.name} inside of an object can't be sent; binary goes as the whole payload`,
    );
  }
  for (const part of Object.values(value)) {
    refuseHidden(part);
  }
}

function unfit(message: string, cause?: unknown): RpcError {
  return new RpcError('INVALID', { message: `The payload can't be sent: ${message}`, cause });
}
