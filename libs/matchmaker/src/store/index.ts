// The stored records of matching, for tools that read them.
export { queueOf } from '../catalogue/queue-of.js';
export {
  type BackfillRecord,
  type FenceRecord,
  type MatchRecord,
  type MatchState,
  type MembershipRecord,
  type TicketRecord,
  backfillSubject,
  fenceSubject,
  matchCreatedSubject,
  matchesStream,
  membershipSubject,
  playedMatchesStream,
  playedSubject,
  ticketSubject,
} from '../contracts/matches.js';
export { isMatch, isTicketOf, recordIn } from './check-records.js';
export { ticketMessages } from './messages.js';
