import type { MsgHdrs } from '@nats-io/nats-core';
import { checkName } from '../names/check-name.js';

/** The body is bytes as they are, of a request or an answer. */
export const bytesHeader = 'Rpc-Bytes';

/** A header block written once. nats.js asks a MsgHdrs for nothing but `encode` when it publishes, and we for a name. */
class HeaderBlock {
  constructor(private readonly bytes: Buffer) {}

  encode(): Uint8Array {
    return this.bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  has(name: string): boolean {
    return this.bytes.includes(`\r\n${name}: `);
  }
}

/** Headers that know their bytes, and how many these are. */
export type Headers = MsgHdrs & Pick<HeaderBlock, 'encode' | 'length' | 'has'>;

/** Headers of a text that is ready to be sent. @param text lines `Name: value`, each ended by CRLF */
export function headerBlock(text: string): Headers {
  return new HeaderBlock(Buffer.from(`NATS/1.0\r\n${text}\r\n`)) as unknown as Headers;
}

/** Headers to publish messages with, and for nothing else. @param fields by name @throws RpcError INVALID */
export function headersOf(fields: Readonly<Record<string, string>>): MsgHdrs {
  const lines = Object.entries(fields).map(
    ([name, value]) => `${checkName('header', name)}: ${checkName('headerValue', value)}\r\n`,
  );
  return headerBlock(lines.join(''));
}

/** The one header of many messages, as {@link headersOf}. @throws RpcError INVALID */
export function oneHeader(name: string, value: string): MsgHdrs {
  return headersOf({ [name]: value });
}
