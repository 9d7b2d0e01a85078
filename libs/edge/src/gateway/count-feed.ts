import { Logger } from '@nestjs/common';
import type { FeedStart } from '@ccgame/sessions';
import { metrics } from '../metrics.js';

const log = new Logger('session');

/** Counts how a player's pushes began. @param isFirst of this socket: a feed begins anew after a gap */
export function countFeed(
  { playerId, sessionId: session }: { playerId: string; sessionId: string },
  { recovered, notRecovered, missed }: FeedStart,
  isFirst: boolean,
): void {
  metrics.missed.inc(missed);
  if (recovered) {
    metrics.resumes.inc({ result: 'recovered' });
    log.debug({ event: 'session.resumed', playerId, session, missed });
  } else if (notRecovered) {
    if (isFirst) metrics.resumes.inc({ result: notRecovered });
    metrics.gaps.inc();
    log.log({ event: 'session.not-recovered', playerId, session, reason: notRecovered });
  }
}
