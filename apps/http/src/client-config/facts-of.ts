import type { ClientFacts } from '#releases';
import type { FastifyRequest } from 'fastify';

/** What a request tells of its client, but the player: a token has to be verified. */
export function factsOf({ headers, query }: FastifyRequest): ClientFacts {
  const { region, build } = query as Record<string, string | undefined>;
  return {
    headers,
    query: query as Record<string, unknown>,
    cookies: cookiesOf(headers.cookie),
    region: typeof region === 'string' ? region : undefined,
    build: typeof build === 'string' && /^\d{1,9}$/.test(build) ? Number(build) : undefined,
  };
}

function cookiesOf(header: string | undefined): Record<string, string | undefined> {
  const pairs = (header ?? '').split(/; */).map((pair) => pair.split('=', 2) as [string, string]);
  return Object.fromEntries(pairs);
}
