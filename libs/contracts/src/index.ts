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
export { GameErrors } from './errors.js';
export { ClientConfig, LoginDto, LoginResult, MatchResultDto, PlayerScoreDto } from './http.js';
export {
  matchCreatedSubject,
  matchesStream,
  matchResultsStream,
  matchResultSubject,
  type MatchRecord,
  type MatchResultRecord,
  type PlayerScore,
} from './matches.js';
export { GatewayMessageDto, type GatewayError, type GatewayResponse } from './gateway-message.dto.js';
export { HandOverTicketsDto, matchingOperations, TakeTicketDto, TicketCount } from './matching-operations.js';
export { JoinMatchingDto, LeftMatching, matchingHandlers, TicketView, type MatchedPush } from './matching.js';
export type {
  HandshakeAuth,
  NotRecovered,
  PushMessage,
  ResumeFrom,
  SessionClosed,
  SessionOpened,
  SessionPushes,
} from './session-protocol.js';
export { clientHandlers, type ClientRoutes, type PushRoutes } from './routes.js';
