import type { IncomingMessage } from 'node:http';
import { namedVersion, takeVersionFromPath } from '@ccgame/config';

/** Finds an address for a server type and version; without a version, of the stable one. */
export type EdgeLookup = (
  serverType: 'http' | 'connector',
  version: string | undefined,
) => string | undefined;

/** The address of the server that answers. The path stays as it is, since servers read a version in it as well. */
export function chooseServer(
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  lookup: EdgeLookup,
): string | undefined {
  const asked = { url: request.url, headers: { ...request.headers } };
  // No `URL`, which throws for `//`.
  const [path = '', query] = takeVersionFromPath(asked).split('?', 2);
  const { version: inHeader } = asked.headers;
  const version =
    namedVersion(typeof inHeader === 'string' ? inHeader : undefined) ??
    namedVersion(new URLSearchParams(query).get('version') ?? undefined);
  return lookup(path.startsWith('/socket.io') ? 'connector' : 'http', version);
}
