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
