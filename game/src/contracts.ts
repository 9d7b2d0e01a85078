import {
  explainHandlers,
  type MatchCancelledPush,
  type MatchedPush,
  matchingHandlers,
  type MatchProposedPush,
  partyHandlers,
  readyCheckHandlers,
  type TicketClosedPush,
  type TicketOpenedPush,
} from '@ccgame/matchmaker';
import type { RequestsOf } from '@ccgame/rpc';
import { arenaHandlers, type ArenaPushes, type ArenaRooms } from '#arena/arena-contracts.js';

/** Every handler that players may call. Another server type adds its own, as the arena does. */
export const clientHandlers = {
  ...matchingHandlers,
  ...readyCheckHandlers,
  joinParty: partyHandlers.join,
  leaveParty: partyHandlers.leave,
  explain: explainHandlers.own,
  ...arenaHandlers,
};

/** The pushes from servers to players, by route. */
export interface PushRoutes extends ArenaPushes {
  matched: MatchedPush;
  'match.proposed': MatchProposedPush;
  'match.cancelled': MatchCancelledPush;
  'ticket.opened': TicketOpenedPush;
  'ticket.closed': TicketClosedPush;
}

/** The game as its client sees it: `connect<Game>({ … })`. */
export interface Game {
  requests: RequestsOf<typeof clientHandlers>;
  pushes: PushRoutes;
  rooms: ArenaRooms;
}
