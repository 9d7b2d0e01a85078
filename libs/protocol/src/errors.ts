import { defineErrors } from '@ccgame/rpc';

/** The game's own errors, beside the engine's (TIMEOUT, NO_SERVER, BUSY, …). One code a line. */
export const GameErrors = defineErrors({
  UNAUTHENTICATED: { message: 'The token or key is missing, wrong or expired', status: 401 },
  NOT_FOUND: { message: 'There is nothing of that name', status: 404 },
  CONFLICT: { message: 'It contradicts what is stored already', status: 409 },
  RATE_LIMITED: { message: 'Too many calls; the error says when to try again', status: 429, retryable: true },
  BANNED: { message: 'An operator keeps the player out; the details say why, and until when', status: 403 },
  MUTED: {
    message: 'An operator keeps the player from chat; the details say why, and until when',
    status: 403,
  },
  UNKNOWN_ROUTE: { message: 'No handler is behind this route', status: 404 },
  VERSION_GONE: { message: 'This version is not served any more; the error says which one is', status: 410 },
  UNKNOWN_MODE: { message: 'There is no such mode; the error names those there are', status: 404 },
  NOT_IN_PARTY: { message: 'A player has not joined the party of the one who queues; the error says who' },
  ALREADY_QUEUED: {
    message: 'A player has an open ticket already; the error says who, and where',
    status: 409,
  },
});
