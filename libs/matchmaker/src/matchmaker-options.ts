import type { MatchAllocator } from './allocation/match-allocator.js';
import type { Mode } from './pool/rules/mode.js';
import type { TicketAttributesHook } from './tickets/ticket-attributes-hook.js';

/** A game's own rules for its matches. */
export interface MatchmakerOptions {
  /** The modes of the game, over which the KV bucket `modes` puts its own by name, at run time. */
  modes: Mode[];
  /** Finds a game server for each match; left out, or undefined: matches are told without an `allocation`. */
  allocator?: () => MatchAllocator | undefined;
  /** Says what decides about a ticket and is not for its players to say, such as skill and rank. */
  ticketAttributes?: () => TicketAttributesHook | undefined;
}

/** Injection token of {@link MatchmakerOptions}. */
export const MATCHMAKER_OPTIONS = Symbol('MATCHMAKER_OPTIONS');
