import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ReleaseService } from '#releases';
import type { PlayerSession } from '../gateway/player-session.js';
import { Sessions } from '../gateway/sessions.js';

/** So many players at once, and so long until the next: the others must not be stormed. */
const batch = 50;
const pauseMs = 250;
/** What the clients are told; nobody is closed who stays. */
const withinMs = 30_000;

/**
 * Moves players to the version that the release table gives them by now: each opens his next socket before he leaves this
 * one. Versions of another group don't understand each other's sessions, so nobody is moved between groups.
 */
@Injectable()
export class MoveSessions implements OnApplicationShutdown {
  private readonly log = new Logger('move');
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly sessions: Sessions,
    private readonly releases: ReleaseService,
  ) {}

  /** Tells at once how many are asked; they are asked in batches. @param version only its players */
  start(version?: string): number {
    const players = [...this.sessions.all()].filter(
      (session) => (version === undefined || session.version === version) && this.isElsewhere(session),
    );
    for (let from = 0; from < players.length; from += batch) {
      const timer = setTimeout(
        () => {
          this.timers.delete(timer);
          for (const session of players.slice(from, from + batch)) session.move(withinMs);
        },
        (from / batch) * pauseMs,
      );
      this.timers.add(timer);
    }
    this.log.log({ event: 'move.started', players: players.length, version });
    return players.length;
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private isElsewhere({ welcome, version }: PlayerSession): boolean {
    const table = this.releases.current();
    if (!table || !welcome.isSdk) return false;
    // A rule may ask for a header or cookie, which is not kept: such a player asks again and stays where he is.
    const next = this.releases.choose(welcome.facts).version;
    return next !== version && table.versions[next]?.group === table.versions[version]?.group;
  }
}
