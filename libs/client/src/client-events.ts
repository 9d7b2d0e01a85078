import type { ClientError } from './errors.js';
import type { Gap } from './refresh.js';

/**
 * `connecting` until the first session, `online` while messages flow, `reconnecting` after a break, `elsewhere` while another tab or
 * window goes on with the session (`continueHere()` takes it back), `closed` for good.
 * A planned move to another server happens within `online`.
 */
export type ClientState = 'connecting' | 'online' | 'reconnecting' | 'elsewhere' | 'closed';

/** Events of the client itself, beside the servers' pushes. */
export interface ClientEvents {
  state: ClientState;
  /** Pushes may be missing. The option `onNotRecovered` is the place to repair it. */
  notRecovered: Gap;
  /** The client moved to another server; nothing was missed. */
  moved: { serverId: string };
  /** A failed try to connect, what ended the session, a `notify` that came too fast, or a failed `onNotRecovered`. */
  error: ClientError;
}

/** The options of one notify. */
export interface NotifyOptions {
  /** Goes to servers of this version instead of the session's. */
  version?: string;
  /** The trace that the game records it in (W3C trace context): the servers' spans are a part of it. */
  traceparent?: string;
}

/** The options of one request. */
export interface RequestOptions extends NotifyOptions {
  /** How long the answer may take, ms; Infinity: for ever. */
  timeoutMs?: number;
}
