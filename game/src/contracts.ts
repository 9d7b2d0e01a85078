import { roomPushes } from '@ccgame/entities';
import {
  explainHandlers,
  MatchCancelledPush,
  MatchedPush,
  matchingHandlers,
  MatchProposedPush,
  partyHandlers,
  readyCheckHandlers,
  TicketClosedPush,
  TicketOpenedPush,
} from '@ccgame/matchmaker';
import type { PushesOf, RequestsOf } from '@ccgame/rpc';
import { arenaHandlers, arenaPushes, type ArenaRooms } from '#arena/arena-contracts.js';
import { connectorNow } from './connector/now.contract.js';

/** Every handler that players may call. Another server type adds its own, as the arena does. */
export const clientHandlers = {
  ...matchingHandlers,
  ...readyCheckHandlers,
  joinParty: partyHandlers.join,
  leaveParty: partyHandlers.leave,
  explain: explainHandlers.own,
  ...arenaHandlers,
  connectorNow,
};

/** The pushes from servers to players, by route. */
export const pushes = {
  matched: MatchedPush,
  'match.proposed': MatchProposedPush,
  'match.cancelled': MatchCancelledPush,
  'ticket.opened': TicketOpenedPush,
  'ticket.closed': TicketClosedPush,
  ...roomPushes,
  ...arenaPushes,
};

/** The pushes of the game as types, by route. */
export type PushRoutes = PushesOf<typeof pushes>;

/** The game as its client sees it: `connect<Game>({ … })`. */
export interface Game {
  requests: RequestsOf<typeof clientHandlers>;
  pushes: PushRoutes;
  rooms: ArenaRooms;
}
