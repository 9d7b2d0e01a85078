import type { SessionClosed } from '@ccgame/protocol';

const reasons: ReadonlySet<SessionClosed['code']> = new Set([
  'KICKED',
  'DUPLICATE',
  'TOKEN_EXPIRED',
  'SLOW_CONSUMER',
  'ABUSE',
  'REMOVED',
  'BANNED',
  'DRAINING',
  'MOVED',
  'BUSY',
]);

/** As a label: a game's own words could be any number, and count as one. */
export function closeReason(code: SessionClosed['code']): string {
  return reasons.has(code) ? code : 'game';
}
