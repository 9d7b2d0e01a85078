import type { FastifyRequest } from 'fastify';

/** The route of requests that fit none, which may spell any. */
export const noRoute = 'other';

/** The route of a request by its method and pattern: `POST /v1/login`. */
export function routeOf({ method, routeOptions: { url } }: FastifyRequest): string {
  return url === undefined ? noRoute : `${method} ${url}`;
}
