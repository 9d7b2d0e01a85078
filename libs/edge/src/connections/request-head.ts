import { pathOfTarget } from '@ccgame/config';

/** The first lines of an HTTP request, as far as it matters before anything else looks at them. */
export interface RequestHead {
  method: string;
  /** `/socket.io/?EIO=4`. */
  path: string;
  isUpgrade: boolean;
  headers: Record<string, string>;
  /** Bytes up to and with the empty line. */
  length: number;
}

const blankLine = '\r\n\r\n';

/** Undefined: the empty line that ends it has not come yet, and more bytes must be read. */
export function parseRequestHead(bytes: Buffer): RequestHead | undefined {
  const end = bytes.indexOf(blankLine);
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const isUpgrade = method === 'GET' && isWebSocket(headers);
  return { method, path: pathOfTarget(target), isUpgrade, headers, length: end + blankLine.length };
}

/** The query of a request's path, as engine.io reads it: `%73id` is `sid`. */
export function queryOf(path: string): URLSearchParams {
  const start = path.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : path.slice(start));
}

function isWebSocket({ connection = '', upgrade = '' }: Record<string, string>): boolean {
  return upgrade.toLowerCase() === 'websocket' && /(^|,)\s*upgrade\s*(,|$)/i.test(connection);
}
