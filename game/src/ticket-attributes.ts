import type { TicketAttributesHook } from '@ccgame/matchmaker';

/**
 * Tells what decides about a ticket and is not for its players to say: those attributes that a mode declares with
 * `setBy: 'server'`. By default nobody does, and they have their defaults. The one place where a studio puts its own.
 */
export function createTicketAttributes(): TicketAttributesHook | undefined {
  return undefined;
}
