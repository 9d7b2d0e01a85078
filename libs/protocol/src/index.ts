export { BoardEntry, BoardView, PeriodView, PlayerView } from './board-view.dto.js';
export { ClientConfig } from './client-config.dto.js';
export { LoginResult } from './login-result.dto.js';
export { EventType } from './event-type.js';
export { GameErrors } from './errors.js';
export { type GatewayError, GatewayMessageDto, type GatewayResponse } from './gateway-message.dto.js';
export type {
  HandshakeAuth,
  NotRecovered,
  PushMessage,
  ResumeFrom,
  SessionClosed,
  SessionOpened,
  SessionPushes,
  TokenRenewed,
} from './session-protocol.js';
export { renewRoute } from './session-protocol.js';
export {
  type SocketContracts,
  socketDocument,
  type SocketDocumentHead,
} from './socket-document/socket-document.js';
export type {
  AnyGame,
  GameTypes,
  PayloadOf,
  PushRoute,
  RequestRoute,
  ResultOf,
  RoomKind,
  ViewOf,
} from './game-types.js';
export type { RoomChanged, RoomClosed, RoomState, RoomViewPushes, ViewChange } from './room-protocol.js';
