export {
  backfillHandlers,
  BackfillNotify,
  BackfillOfDto,
  BackfillStatus,
  LackingRole,
  RequestBackfillDto,
  type BackfilledPlayers,
} from './backfill.js';
export {
  boardKey,
  boardsBucket,
  dayOf,
  rankPlayers,
  type BoardEntry,
  type Day,
  type SettledBoard,
} from './boards.js';
export {
  connectorHandlers,
  MovedSessions,
  MoveSessionsDto,
  SessionCounts,
  VersionSessions,
} from './connector.js';
export { explainHandlers, ExplainTicketDto } from './explain.js';
export { GameErrors } from './errors.js';
export { answerForwarded, ForwardedAnswer, ForwardedRequest } from './forwarded-request.js';
export type {
  Arrival,
  CandidateClass,
  CandidateGroup,
  Explanation,
  Forecast,
  Need,
  RefusingRule,
} from './explanation.js';
export { ClientConfig, LoginDto, LoginResult, MatchResultDto, PlayerScoreDto } from './http.js';
export {
  backfillSubject,
  fenceSubject,
  membershipSubject,
  playedMatchesStream,
  playedSubject,
  matchCreatedSubject,
  matchesStream,
  matchResultsStream,
  matchResultSubject,
  ticketSubject,
  type Attributes,
  type BackfillRecord,
  type CancelReason,
  type FenceRecord,
  type MatchRecord,
  type MatchState,
  type MembershipRecord,
  type TicketRecord,
  type TicketState,
  type MatchResultRecord,
  type PlayerScore,
} from './matches.js';
export { GatewayMessageDto, type GatewayError, type GatewayResponse } from './gateway-message.dto.js';
export { CountTicketsDto, matchingOperations, TicketCount } from './matching-operations.js';
export {
  CancelTicketDto,
  JoinMatchingDto,
  LeftMatching,
  matchingHandlers,
  TicketStatus,
  TicketView,
} from './matching.js';
export type { MatchedPush, TicketClosedPush, TicketOpenedPush } from './matching-pushes.js';
export { JoinPartyDto, OpenTicketDto, partyHandlers, PartyMembership, ticketHandlers } from './party.js';
export {
  AnswerMatchDto,
  ReadyCheck,
  readyCheckHandlers,
  type MatchCancelledPush,
  type MatchProposedPush,
} from './ready-check.js';
export type {
  HandshakeAuth,
  NotRecovered,
  PushMessage,
  ResumeFrom,
  SessionClosed,
  SessionOpened,
  SessionPushes,
} from './session-protocol.js';
export { rememberedRelease, RememberedRelease } from './remembered-release.js';
export { RouteTraffic, Traffic, trafficBuckets, trafficHandlers } from './traffic.js';
export { clientHandlers, type ClientRoutes, type PushRoutes } from './routes.js';
