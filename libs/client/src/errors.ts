import type { GatewayError, SessionClosed } from '@ccgame/protocol';

/** Faults of the client itself; every other code comes from the servers. */
const ownErrors = {
  /** No answer in time. The work may have been done. */
  TIMEOUT: 'No answer came in time; the work may have been done',
  /** The connection broke with the request in flight, and its contract does not allow to send it again. */
  CONNECTION_LOST: 'The connection broke before the answer came; the work may have been done',
  /** Another tab or window goes on with this session; `continueHere()` takes it back. */
  DUPLICATE: 'Another tab or window goes on with this session',
  /** Too many messages wait for a connection. */
  QUEUE_FULL: 'There is no connection, and too many messages wait for one already',
  /** `close()` was called, or the servers ended the session for good. */
  CLOSED: 'The client is closed',
  /** The servers can't be reached now; the client goes on trying. */
  UNREACHABLE: 'The servers cannot be reached',
  /** The game's own `token` failed, for which see `cause`, or gave no string within 15 s; it is asked again. */
  TOKEN_FAILED: 'The game gave no token',
  /** The message is not JSON, or its options are wrong; nothing was sent. The details have the `problems`: `[{ field, rule }]`. */
  INVALID: 'What was to be sent is not JSON',
  /** The message is larger than a connector takes; nothing was sent. The details have `bytes` and `limit`. */
  TOO_LARGE: 'What was to be sent is too large',
  /** A mistake in the code of the game or of the client, for which see `cause`. A client that met it while it connected is closed. */
  DEFECT: 'The client met an error that no other try would mend',
  /** The game's own `onNotRecovered` failed, for which see `cause`; it is called again. */
  NOT_REFRESHED: 'The game could not fetch its state anew',
};

/** The codes of the client itself; those of servers are in docs/errors.md. */
export type ClientErrorCode = keyof typeof ownErrors;

/** The one error of the client: what `request` rejects with, and what the `error` event tells. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** The same call may be made again without its work being done twice. */
  readonly retryable: boolean;
  /** Public facts, such as which field was wrong. */
  readonly details?: unknown;
  /** When it makes sense to try again. */
  readonly retryAfterMs?: number;

  constructor(
    /** A {@link ClientErrorCode}, or the server's: `INVALID`, `RATE_LIMITED`, `NO_SERVER`, or the game's own. */
    readonly code: ClientErrorCode | (string & {}),
    server?: Partial<GatewayError>,
    cause?: unknown,
  ) {
    super(server?.message ?? ownErrors[code as ClientErrorCode] ?? code);
    // By hand: Safari 14 takes no options of an Error.
    if (cause !== undefined) this.cause = cause;
    this.retryable = server?.retryable ?? (code === 'QUEUE_FULL' || code === 'UNREACHABLE');
    this.details = server?.details;
    this.retryAfterMs = server?.retryAfterMs;
  }
}

/** INVALID as servers say it: `details: { problems: [{ field, rule }] }`. Nothing was sent. */
export function invalid(field: string, rule: string, cause?: unknown): ClientError {
  const details = { problems: [{ field, rule }] };
  return new ClientError('INVALID', { message: `${field}: ${rule}`, details }, cause);
}

/** By what the servers ended a session. */
export function closingError({ code, reconnect, retryAfterMs, reason, until }: SessionClosed): ClientError {
  const details = reason === undefined ? undefined : { reason, until };
  return new ClientError(code, { retryable: reconnect, retryAfterMs, details });
}
