import type { FastifyRequest } from 'fastify';

type GiveBack = () => void;

/** How to take back what each request was counted for. */
const hits = new WeakMap<FastifyRequest, GiveBack[]>();

/** Keeps for {@link giveBackHits} that a request was counted for a limit. */
export function noteHit(request: FastifyRequest, giveBack: GiveBack): void {
  hits.set(request, [...(hits.get(request) ?? []), giveBack]);
}

/** Takes a request back that got nothing for its hits: whoever sent it has as many left as before. */
export function giveBackHits(request: FastifyRequest): void {
  for (const giveBack of hits.get(request) ?? []) giveBack();
  hits.delete(request);
}
