export {
  Client,
  type ClientEvents,
  type ClientState,
  type NotifyOptions,
  type RequestOptions,
} from './client.js';
export { connect } from './connect.js';
export { ClientError, type ClientErrorCode } from './errors.js';
export type { ConnectOptions, TokenReason } from './options.js';
export type { Gap, OnNotRecovered } from './refresh.js';
