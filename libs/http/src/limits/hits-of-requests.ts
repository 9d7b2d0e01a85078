import type { FastifyRequest } from 'fastify';

/** One that a request was counted for. */
interface Hit {
  giveBack: () => void;
  /** Whether this server has no NATS. */
  isNatsAway: () => boolean;
}

const hits = new WeakMap<FastifyRequest, Hit[]>();

/** Keeps for {@link giveBackHits} that a request was counted for a limit. */
export function noteHit(request: FastifyRequest, hit: Hit): void {
  hits.set(request, [...(hits.get(request) ?? []), hit]);
}

/** Takes a request back that got nothing for its hits: whoever sent it has as many left as before. */
export function giveBackHits(request: FastifyRequest): void {
  for (const { giveBack } of hits.get(request) ?? []) giveBack();
  hits.delete(request);
}

/** As {@link giveBackHits} for a request that failed, where NATS is away: another failure may have cost NATS what a success does. */
export function giveBackWithoutNats(request: FastifyRequest): void {
  if (hits.get(request)?.every(({ isNatsAway }) => isNatsAway())) giveBackHits(request);
}
