import type { Attributes } from '../contracts/matches.js';

/** Injection token of the game's {@link TicketAttributesHook}; `ticket-attributes.ts` provides it. */
export const TICKET_ATTRIBUTES = Symbol('TICKET_ATTRIBUTES');

/** The attributes of a ticket that players may not say themselves, such as skill and rank. */
export interface TicketAttributesHook {
  /**
   * Called for each join of a player before its ticket is written. Resolves with attributes that the mode declares; they
   * stand over those that the player gave. One that is left out has the mode's default.
   *
   * @throws RpcError the join fails with it; anything else: INTERNAL
   */
  attributesFor(join: { mode: string; players: readonly string[]; given: Attributes }): Promise<Attributes>;
}
