import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import type { MatchAllocator } from './allocation/match-allocator.js';
import type { Mode } from './pool/rules/mode.js';
import type { TicketAttributesHook } from './tickets/ticket-attributes-hook.js';

/** A game's own rules for its matches. */
export interface MatchmakerOptions {
  /** The modes of the game, over which the KV bucket `modes` puts its own by name, at run time. */
  modes: Mode[];
  /**
   * Makes the allocators; the first one that serves a match's mode finds its game server. Where none serves the mode, the match is
   * told without an `allocation`.
   */
  allocators?: AllocatorFactory;
  /** Modules whose providers `allocators.inject` names. */
  imports?: DynamicModule['imports'];
  /** Says what decides about a ticket and is not for its players to say, such as skill and rank. */
  ticketAttributes?: () => TicketAttributesHook | undefined;
}

/** With providers of the server type `matching`, as in Nest's own factory providers. */
export type AllocatorFactory = Pick<FactoryProvider<MatchAllocator[]>, 'useFactory' | 'inject'>;

/** Injection token of {@link MatchmakerOptions}. */
export const MATCHMAKER_OPTIONS = Symbol('MATCHMAKER_OPTIONS');
