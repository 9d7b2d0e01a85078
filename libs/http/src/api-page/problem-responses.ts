import { STATUS_CODES } from 'node:http';
import { type DtoSchemas, httpStatusOf } from '@ccgame/rpc';
import { RateLimitGuard } from '../limits/rate-limit.guard.js';
import { Problem } from '../problems/problem.js';
import type { DeclaredHandler } from './handlers.js';

type Responses = Record<string, object>;

/** The statuses of refusals, and what is wrong then. */
const refusals: Record<number, string> = {
  400: 'The request is not what this takes; `details.problems` names the fields',
  401: 'The token or key is missing, wrong or expired',
  403: 'The caller may not do this',
  404: 'There is nothing of that name',
  408: 'The request came too slowly',
  409: 'It contradicts what is stored already',
  413: 'The body is too large',
  415: 'The body is of a media type that this does not take',
  429: 'Too many requests; `retry-after` says when to come back',
  431: 'The headers are too large',
  500: 'The server failed; its log has more under the `incident`',
  503: 'The server can not answer right now; ask again after `retry-after`',
  504: 'No answer in time; the work may have been done',
};

/** Every route may answer these: a request that is none, a failure, and another version's server that was to answer. */
const ofAll = [400, 408, 431, 500, 503, 504];

/** The responses of a document's components: one a status. */
export function problemResponses(schemas: DtoSchemas): Responses {
  const schema = schemas.referenceTo(Problem);
  const responses = Object.entries(refusals).map(([status, description]) => [
    nameOf(Number(status)),
    {
      description,
      ...(['429', '503'].includes(status) && { headers: retryAfter }),
      content: { 'application/problem+json': { schema } },
    },
  ]);
  return Object.fromEntries(responses) as Responses;
}

const retryAfter = {
  'retry-after': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
};

/** The errors that one operation may answer with, by status. */
export function problemsOfOperation(handler: DeclaredHandler, isSecured: boolean): Responses {
  const statuses = new Set([...ofAll, ...handler.errors.map(httpStatusOf)]);
  if (isSecured) statuses.add(401);
  if (handler.body) statuses.add(413).add(415);
  if (handler.guards.includes(RateLimitGuard)) statuses.add(429);
  const responses = [...statuses].map((status) => [status, problemResponse(status)]);
  return Object.fromEntries(responses) as Responses;
}

function problemResponse(status: number): object {
  return { $ref: `#/components/responses/${nameOf(status)}` };
}

/** `NotFound` */
function nameOf(status: number): string {
  return (STATUS_CODES[status] ?? `Status${status}`).replaceAll(/[^A-Za-z]/g, '');
}
