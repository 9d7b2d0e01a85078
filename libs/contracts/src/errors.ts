import { defineErrors } from '#rpc';

/** The game's own errors, beside the engine's (TIMEOUT, NO_SERVER, BUSY, …). One code a line. */
export const GameErrors = defineErrors({
  UNAUTHENTICATED: { message: 'The token or key is missing, wrong or expired' },
  NOT_FOUND: { message: 'There is nothing of that name' },
  CONFLICT: { message: 'It contradicts what is stored already' },
  RATE_LIMITED: { message: 'Too many calls; the error says when to try again', retryable: true },
  UNKNOWN_ROUTE: { message: 'No handler is behind this route' },
  VERSION_GONE: { message: 'This version is not served any more; the error says which one is' },
  UNKNOWN_MODE: { message: 'There is no such mode; the error names those there are' },
  NOT_IN_PARTY: { message: 'A player has not joined the party of the one who queues; the error says who' },
  ALREADY_QUEUED: { message: 'A player has an open ticket already; the error says who, and where' },
});
