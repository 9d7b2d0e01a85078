import type { NamedContract } from '@ccgame/rpc';
import { explainHandlers } from '@ccgame/matchmaker';
import { matchingHandlers } from '@ccgame/matchmaker';
import type { MatchedPush, TicketClosedPush, TicketOpenedPush } from '@ccgame/matchmaker';
import { partyHandlers } from '@ccgame/matchmaker';
import { type MatchCancelledPush, type MatchProposedPush, readyCheckHandlers } from '@ccgame/matchmaker';

/** Every handler that players may call. Another server type adds its own: `{ ...matchingHandlers, ...chatHandlers }`. */
export const clientHandlers = {
  ...matchingHandlers,
  ...readyCheckHandlers,
  joinParty: partyHandlers.join,
  leaveParty: partyHandlers.leave,
  explain: explainHandlers.own,
};

type Handlers = (typeof clientHandlers)[keyof typeof clientHandlers];

type CallOf<C> =
  C extends NamedContract<string, string, infer P, infer R> ? { payload: P; result: R } : never;

/** What a client may ask, by route: `matching.user_join_matching` takes one type and gives another. */
export type ClientRoutes = {
  [C in Handlers as `${C['serverType']}.${C['handler']}`]: CallOf<C>;
};

/** What servers push to players, by route. */
export interface PushRoutes {
  matched: MatchedPush;
  'match.proposed': MatchProposedPush;
  'match.cancelled': MatchCancelledPush;
  'ticket.opened': TicketOpenedPush;
  'ticket.closed': TicketClosedPush;
}
