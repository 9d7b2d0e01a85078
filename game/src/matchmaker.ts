import type { MatchmakerOptions } from '@ccgame/matchmaker';
import { createAllocator } from './allocator.js';
import { modes } from './modes.js';
import { createTicketAttributes } from './ticket-attributes.js';

/** What matching is to know of the game. */
export const matchmaker: MatchmakerOptions = {
  modes,
  allocator: createAllocator,
  ticketAttributes: createTicketAttributes,
};
