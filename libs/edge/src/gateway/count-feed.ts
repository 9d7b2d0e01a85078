import { Logger } from '@nestjs/common';
import type { NotRecovered } from '@ccgame/protocol';
import type { FeedStart } from '@ccgame/sessions';
import { metrics } from '../metrics.js';

const log = new Logger('session');

/** Counts how a player's pushes began. @param isFirst of this socket: a feed begins anew after a gap */
export function countFeed(
  { playerId, sessionId: session }: { playerId: string; sessionId: string },
  { recovered, missed }: FeedStart,
  notRecovered: NotRecovered | undefined,
  isFirst: boolean,
): void {
  if (recovered) {
    metrics.resumes.inc({ result: 'recovered' });
    metrics.missed.inc(missed);
    log.debug({ event: 'session.resumed', playerId, session, missed });
  } else if (notRecovered) {
    if (isFirst) metrics.resumes.inc({ result: notRecovered });
    metrics.gaps.inc();
    log.log({ event: 'session.not-recovered', playerId, session, reason: notRecovered });
  }
}
