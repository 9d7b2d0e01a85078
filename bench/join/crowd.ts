import type { NatsConnection } from '@nats-io/nats-core';
import type { TicketRecord } from '@ccgame/matchmaker/store';
import { NatsHealth } from '@ccgame/nats';
import { AckedPublisher } from '@ccgame/jetstream';
import { ticketMessages } from '@ccgame/matchmaker/store';
import { byRegion, arrivalsOf, regions } from '../matching/pool.js';

/** Matched as in `bench:matching`. */
export const crowdMode = { ...byRegion, name: 'bench-crowd' };

/** The same, in which nobody fits anybody yet. */
export const waitingCrowdMode = {
  ...crowdMode,
  fewer: undefined,
  roles: undefined,
  skill: { attribute: 'skill', start: 0, perSecond: 0 },
  longestWaitMs: 86_400_000,
};

const ticketsInBatch = 200;
const batchesAtOnce = 4;

/**
 * Opens tickets by writing them to the stream, as a matching server does after its checks: so many joins one by one would
 * take a minute.
 *
 * @param prefix of their ids
 */
export async function openCrowd(
  nats: NatsConnection,
  count: number,
  seed: number,
  prefix: string,
): Promise<void> {
  const publisher = new AckedPublisher(nats, new NatsHealth(nats));
  const now = Date.now();
  const tickets = arrivalsOf(crowdMode, count, seed, prefix).map(
    ({ region, ticket: { ticketId, players, roles, skill, since } }): TicketRecord => ({
      ticketId,
      players,
      mode: crowdMode.name,
      version: '1.0.0000',
      attributes: { region: regions[region] ?? '', skill: Math.min(10_000, Math.max(0, skill)) },
      ...(roles && { roles }),
      since: Math.round(now + since),
      state: 'open',
    }),
  );
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < tickets.length) {
      const some = tickets.slice(next, (next += ticketsInBatch));
      await publisher.publishAll(some.flatMap((ticket) => ticketMessages(ticket, () => 0)));
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, write));
  publisher.close();
}
