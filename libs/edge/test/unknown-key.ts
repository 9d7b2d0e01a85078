import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccountTokens } from '@ccgame/sessions';

/** The refusal of a token whose made-up key may be newer than those of its issuer, which were just asked for. */
export async function refusalOfUnknownKey(): Promise<unknown> {
  const server = createServer((_, response) => response.end('{"keys":[]}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const tokens = new AccountTokens({ jwksUrl, issuer: 'studio', audience: 'game' });
  const refusalOf = (kid: string): Promise<unknown> =>
    tokens.verify(tokenOf(kid)).then(
      () => undefined,
      (error: unknown) => error,
    );
  await refusalOf('asks-for-the-keys');
  const refusal = await refusalOf('made-up');
  server.close();
  return refusal;
}

function tokenOf(kid: string): string {
  const parts = [{ alg: 'EdDSA', kid }, {}].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, 'AA'].join('.');
}
