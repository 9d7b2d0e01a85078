import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { ReleaseService } from '@ccgame/releases';
import type { PlayerSession } from '../gateway/player-session.js';
import { ConnectedSessions } from '../gateway/connected-sessions.js';

/** So many players at once, and so long until the next: the others must not be stormed. */
const batch = 50;
const pauseMs = 250;
/** Many may come back after one break: they are asked within this time. */
const spreadMs = 5_000;
/** The time that clients are told; a player who stays is not closed. */
const withinMs = 30_000;

/**
 * Moves players to the version that the release table gives them by now: each opens the next socket before leaving this
 * one. Versions of another group don't understand each other's sessions, so nobody is moved between groups.
 */
@Injectable()
export class MoveSessions implements OnApplicationShutdown {
  private readonly log = new Logger('move');
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly sessions: ConnectedSessions,
    private readonly releases: ReleaseService,
  ) {}

  /** Tells at once how many are asked; they are asked in batches. @param version only its players */
  startMove(version?: string): number {
    const players = [...this.sessions.listSessions()].filter(
      (session) => (version === undefined || session.version === version) && this.isElsewhere(session),
    );
    for (let from = 0; from < players.length; from += batch) {
      this.moveAfter((from / batch) * pauseMs, () => {
        for (const session of players.slice(from, from + batch)) session.askToMove(withinMs, 'release');
      });
    }
    this.log.log({ event: 'move.started', players: players.length, version });
    return players.length;
  }

  /** A player who comes back after a break keeps the version of before, which may not be the table's choice by now. */
  afterBreak(session: PlayerSession): void {
    const { resume } = session.handshake;
    if (!resume || resume.moving || !this.isElsewhere(session)) return;
    this.moveAfter(Math.random() * spreadMs, () => {
      if (this.isElsewhere(session)) session.askToMove(withinMs, 'release');
    });
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private moveAfter(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private isElsewhere({ handshake, version }: PlayerSession): boolean {
    const table = this.releases.currentTable();
    if (!table || !handshake.isSdk) return false;
    // A rule may ask for a header or cookie, which is not kept: such a player asks again and stays.
    const next = this.releases.chooseFor(handshake.facts).version;
    return next !== version && table.versions[next]?.group === table.versions[version]?.group;
  }
}
