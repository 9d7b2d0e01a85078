import { type ClientFacts, parseCookies } from '@ccgame/releases';
import type { FastifyRequest } from 'fastify';

/** The facts of a client that a request tells, but for the player: a token has to be verified. */
export function factsOf({ headers, query }: FastifyRequest): ClientFacts {
  const texts = onlyTexts(query);
  const { region, build } = texts;
  return {
    headers,
    query: texts,
    cookies: parseCookies(headers.cookie),
    region,
    build: /^\d{1,9}$/.test(build ?? '') ? Number(build) : undefined,
  };
}

/** A field that is given twice is a list, and a nested one an object: neither says anything. */
function onlyTexts(query: unknown): Record<string, string> {
  const entries = Object.entries(query as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
