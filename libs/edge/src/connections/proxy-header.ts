import { isIP, type Socket as NetSocket } from 'node:net';

/** The header of the PROXY protocol, which a balancer of layer 4 writes before the client's own bytes. */
export interface ProxyHeader {
  /** The client's address; left out where the balancer speaks for itself, as in a health check. */
  source?: string;
  /** Bytes of the header. */
  length: number;
}

/** Version 1, with its end. Source: the PROXY protocol, 2.1. */
const longestText = 107;
/** Version 2: the fixed part, and all with the balancer's own notes (TLVs). */
const fixedLength = 16;
const longestBinary = 2_048;
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const textStart = Buffer.from('PROXY ');
const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex');

/** Undefined: more bytes must be read. `none`: these are no header, or one that can't be. Source: the PROXY protocol, 2.1 and 2.2. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'none' | undefined {
  if (startsAlike(bytes, signature)) return parseBinary(bytes);
  return startsAlike(bytes, textStart) ? parseText(bytes) : 'none';
}

/** Reads the header alone; what comes after it is read next. Undefined: there was none. */
export function readProxyHeader(socket: NetSocket, done: (header: ProxyHeader | undefined) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const takeChunk = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const header = parseProxyHeader(bytes);
    if (!header) return;
    socket.off('data', takeChunk);
    socket.pause();
    if (header === 'none') return done(undefined);
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    done(header);
    socket.resume();
  };
  socket.on('data', takeChunk);
}

function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

/** `PROXY TCP4 203.0.113.7 10.0.0.1 51000 80\r\n` */
function parseText(bytes: Buffer): ProxyHeader | 'none' | undefined {
  const end = bytes.indexOf('\r\n');
  const length = end + 2;
  if (end === -1) return bytes.length < longestText ? undefined : 'none';
  if (length > longestText) return 'none';
  const [, family, source = '', destination = '', ...ports] = bytes.toString('latin1', 0, end).split(' ');
  if (family === 'UNKNOWN') return { length };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  const isGood = isIP(source) === version && isIP(destination) === version && ports.length === 2;
  return isGood && ports.every((port) => /^\d{1,5}$/.test(port)) ? { source, length } : 'none';
}

function parseBinary(bytes: Buffer): ProxyHeader | 'none' | undefined {
  if (bytes.length < fixedLength) return undefined;
  const [command = 0, family = 0] = bytes.subarray(signature.length);
  const length = fixedLength + bytes.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 15) > 1 || length > longestBinary) return 'none';
  if (bytes.length < length) return undefined;
  const isLocal = (command & 15) === 0;
  const addressBytes = family >> 4 === 1 ? 4 : family >> 4 === 2 ? 16 : undefined;
  // A socket of UNIX, or of nothing that is known, names nobody.
  if (isLocal || addressBytes === undefined) return { length };
  // Both addresses and both ports.
  if (length < fixedLength + 2 * addressBytes + 4) return 'none';
  return { source: addressOf(bytes.subarray(fixedLength, fixedLength + addressBytes)), length };
}

function addressOf(bytes: Buffer): string {
  const isMapped = bytes.length === 16 && bytes.subarray(0, 12).equals(mappedPrefix);
  if (bytes.length === 4 || isMapped) return [...bytes.subarray(-4)].join('.');
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':');
}
