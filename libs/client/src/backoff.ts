const firstMs = 200;
const longestMs = 10_000;

/**
 * How long to wait before a try: full jitter, so that the players of a dead server come back spread out.
 * See "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
}

const firstHandshakeMs = 2_500;
const longestHandshakeMs = 10_000;

/**
 * How long a handshake may take, name look-up to `session.opened`. A connector whose machine is gone takes no part in it, and
 * an Ingress goes on choosing it for a minute: the first tries end early. Later ones wait longer, as servers may only be busy.
 */
export function handshakeMs(failures: number): number {
  return Math.min(longestHandshakeMs, firstHandshakeMs * 2 ** Math.min(failures, 10));
}

/** Four tries in a row may meet machines that are gone, where most connectors ran there; then it is rather the network or the servers that are slow. */
const quickTries = 4;
/** A player who is to move has a socket meanwhile: their tries stay short for a minute, as long as a lost machine is in the routes. */
const quickMoves = 12;
const shortestAnswerMs = 800;

/**
 * How long a connector may take to answer the WebSocket's request: no work is done for that, so a busy one does it soon. Where the client
 * knows how long its last connector took, eight times that is plenty, and a player is back from a lost node within ten seconds though the
 * Ingress sends two tries in a row to it (decision 176).
 *
 * @param usualMs what the last one took; undefined before there was any
 */
export function answerMs(failures: number, usualMs?: number, isMoving = false): number {
  const whole = handshakeMs(failures);
  if (usualMs === undefined || failures >= (isMoving ? quickMoves : quickTries)) return whole;
  return Math.min(Math.max(8 * usualMs, shortestAnswerMs), firstHandshakeMs);
}

/** So long a client hurries whose session fell silent, ms. */
export const hurryMs = 4_500;
const firstHurriedMs = 500;
const leastHurriedMs = 200;

/**
 * How long a connector may take to answer a try of a client that hurries. The first try is patient: where the player's network is slow, and
 * not a machine gone, it succeeds. The next ones are so many that one of them meets a connector that lives: of two dead connectors in three,
 * 99.9 % of players are back within ten seconds (decision 318). Side by side they can't run, as browsers open one WebSocket to an address at a time.
 *
 * @param tries before this one
 */
export function hurriedAnswerMs(tries: number, usualMs = firstHandshakeMs): number {
  const ms = tries === 0 ? Math.max(4 * usualMs, firstHurriedMs) : Math.max(2.5 * usualMs, leastHurriedMs);
  return Math.min(ms, firstHandshakeMs);
}
