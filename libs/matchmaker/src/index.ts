export { type AgonesAllocation, AgonesAllocator } from './allocation/agones-allocator.js';
export type { MatchAllocator } from './allocation/match-allocator.js';
export {
  BackfillNotify,
  BackfillOfDto,
  BackfillStatus,
  type BackfilledPlayers,
  LackingRole,
  RequestBackfillDto,
  backfillHandlers,
} from './contracts/backfill.js';
export { ExplainTicketDto, explainHandlers } from './contracts/explain.js';
export type {
  Arrival,
  CandidateClass,
  CandidateGroup,
  Explanation,
  Forecast,
  Need,
  RefusingRule,
} from './contracts/explanation.js';
export {
  type Attributes,
  type CancelReason,
  type MatchRecord,
  type TicketState,
} from './contracts/matches.js';
export {
  CountTicketsDto,
  QueueCount,
  QueueCounts,
  TicketCount,
  matchingOperations,
} from './contracts/matching-operations.js';
export { MatchedPush, MatchedTeam, TicketClosedPush, TicketOpenedPush } from './contracts/matching-pushes.js';
export {
  CancelTicketDto,
  JoinMatchingDto,
  LeftMatching,
  TicketStatus,
  TicketView,
  matchingHandlers,
} from './contracts/matching.js';
export {
  JoinPartyDto,
  OpenTicketDto,
  PartyMembership,
  partyHandlers,
  ticketHandlers,
} from './contracts/party.js';
export {
  AnswerMatchDto,
  MatchCancelledPush,
  MatchProposedPush,
  ReadyCheck,
  readyCheckHandlers,
} from './contracts/ready-check.js';
export { MATCHMAKER_OPTIONS, type MatchmakerOptions } from './matchmaker-options.js';
export { MatchmakerModule } from './matchmaker.module.js';
export { matchmakerStreams } from './store/matchmaker-streams.js';
export { checkModes } from './pool/rules/check-mode.js';
export type { Mode } from './pool/rules/mode.js';
export type { TicketAttributesHook } from './tickets/ticket-attributes-hook.js';
