import { clientHandlers } from '../../../../game/src/contracts.js';
import { type SessionOpened } from '@ccgame/protocol';
import type { HandlerContract } from '@ccgame/rpc';

const contracts = new Map<string, HandlerContract>(
  Object.values(clientHandlers).map((contract) => [`${contract.serverType}.${contract.handler}`, contract]),
);

/** The name under which a route's calls are counted; players may spell any. */
export function countedAs(route: string): string {
  return contracts.has(route) ? route : 'other';
}

/** Whether calls of a route go one at a time, in the order in which they came. */
export function isOrdered(route: string): boolean {
  return contracts.get(route)?.ordered === true;
}

/** What a client may send again after a break, as its contracts say. */
export const resend: SessionOpened['resend'] = Object.fromEntries(
  [...contracts].flatMap(([route, { resend: how }]) => (how === 'never' ? [] : [[route, how] as const])),
);
