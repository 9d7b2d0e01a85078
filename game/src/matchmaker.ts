import type { MatchmakerOptions } from '@ccgame/matchmaker';
import { allocators } from './allocators.js';
import { modes } from './modes.js';
import { createTicketAttributes } from './ticket-attributes.js';

/** The game's part of matching. */
export const matchmaker: MatchmakerOptions = {
  modes,
  ...allocators,
  ticketAttributes: createTicketAttributes,
};
