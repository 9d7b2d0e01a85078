import { Injectable, Logger } from '@nestjs/common';
import type { MatchedPush, MatchRecord } from '#contracts';
import { PushService } from '#sessions';
import { matchMessage } from '../store/messages.js';
import { isRefused, type Stored, TicketStore } from '../store/ticket-store.js';

/**
 * Tells the players of a match, and writes down that they are told. Whoever does it again, after a crash in between, pushes
 * under the same id, which the push log refuses for 60 s.
 */
@Injectable()
export class Herald {
  private readonly log = new Logger('matching');
  private readonly telling = new Map<string, Promise<void>>();

  constructor(
    private readonly store: TicketStore,
    private readonly push: PushService,
  ) {}

  /** Never rejects: what fails is told again by the sweep of whoever owns the partition then. */
  tell(match: Stored<MatchRecord>): void {
    const { matchId } = match.record;
    if (this.telling.has(matchId)) return;
    const work = this.announce(match)
      .catch((error: unknown) => this.log.warn({ event: 'match.not-told', matchId, err: error }))
      .finally(() => this.telling.delete(matchId));
    this.telling.set(matchId, work);
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await Promise.all(this.telling.values());
  }

  private async announce({ record, seq }: Stored<MatchRecord>): Promise<void> {
    await this.push.toPlayers(record.teams.flat(), 'matched', pushOf(record), {
      id: `matched-${record.matchId}`,
    });
    try {
      await this.store.write([matchMessage({ ...record, state: 'told' }, seq)]);
    } catch (error) {
      // Another server told them too, under the same push id.
      if (!isRefused(error)) throw error;
    }
  }
}

function pushOf({ matchId, mode, version, teams, roles, region, allocation }: MatchRecord): MatchedPush {
  return {
    matchId,
    mode,
    version,
    teams: teams.map((players) => ({ players })),
    ...(roles && { roles }),
    ...(region !== undefined && { region }),
    ...(allocation !== undefined && { allocation }),
  };
}
