import type { NatsConnection } from '@nats-io/nats-core';
import { connectorHandlers } from '@ccgame/edge';
import { matchingOperations, type TicketCount } from '@ccgame/matchmaker';
import { withRpc } from './operator-rpc.js';

const gatherMs = 500;

/** How many players are on sessions of a version, on whichever connectors. */
export function sessionsOf(nats: NatsConnection, version: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: connectorHandlers.countSessions, all: true } as const;
    const answers = await rpc.gatherRPC(target, undefined, { timeoutMs: gatherMs });
    return answers
      .flatMap((answer) => ('data' in answer ? answer.data.versions : []))
      .filter((count) => count.version === version)
      .reduce((sum, { sessions }) => sum + sessions, 0);
  });
}

/**
 * How many open tickets a version's players have: with its own matching servers, and with those of the version that the
 * table names in its place. Every matching server knows all of them; one that is a moment behind counts more.
 */
export function ticketsOf(nats: NatsConnection, version: string): Promise<TicketCount> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: matchingOperations.countTickets, all: true } as const;
    const answers = await rpc.gatherRPC(target, { version }, { timeoutMs: gatherMs });
    const counts = answers.flatMap((answer) => ('data' in answer ? [answer.data] : []));
    const most = (of: (count: TicketCount) => number): number => Math.max(0, ...counts.map(of));
    return { tickets: most((count) => count.tickets), elsewhere: most((count) => count.elsewhere) };
  });
}

/** Asks players to go on where the table wants them by now. @param from only those of this version */
export function movePlayers(nats: NatsConnection, from?: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: connectorHandlers.moveSessions, all: true } as const;
    const answers = await rpc.gatherRPC(target, { version: from }, { timeoutMs: gatherMs });
    return answers.reduce((sum, answer) => sum + ('data' in answer ? answer.data.asked : 0), 0);
  });
}
