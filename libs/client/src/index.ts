export { Client } from './client.js';
export type { ClientEvents, ClientState, NotifyOptions, RequestOptions } from './client-events.js';
export { Boards, type BoardQuery, type PlaceQuery } from './boards.js';
export { connect } from './connect.js';
export { ClientError, type ClientErrorCode } from './errors.js';
export { login, type LoginOptions } from './login.js';
export type { ConnectOptions, SavedPosition, Token, TokenReason } from './options.js';
export { applyChange } from './apply-change.js';
export type { Room } from './rooms.js';
export type {
  Fetch,
  FetchedResponse,
  FetchOptions,
  KeptTexts,
  OneSocket,
  Platform,
  WebSocketClass,
} from './platform.js';
export type { Gap, OnNotRecovered } from './refresh.js';
