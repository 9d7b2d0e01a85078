import { Injectable } from '@nestjs/common';
import { Readiness } from '@ccgame/server';
import { LiveBoards } from './live-boards.js';

/** A server whose boards aren't loaded by then is ready all the same: what else it does must not wait for them. */
const patienceMs = 30_000;

/**
 * A server isn't ready while it loads its boards, so that in a rolling update players are served by those that have them; but
 * not for ever, so that after an outage logins don't wait for a large board.
 */
@Injectable()
export class BoardReadiness {
  constructor(readiness: Readiness, live: LiveBoards) {
    const endsAt = performance.now() + patienceMs;
    readiness.addCheck('leaderboards', () => live.isLoaded || performance.now() > endsAt);
  }
}
