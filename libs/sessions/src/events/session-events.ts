import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { checkName } from '@ccgame/rpc';
import type { SeenSession } from '../claims/seen-session.js';
import { SessionWatch } from '../claims/session-watch.js';
import { eventsBetween, type SessionEvent } from './session-event.js';

/**
 * Tells what happens to players' sessions, on whichever connector: each event once and in a player's order, for as long as somebody
 * listens. Nothing is asked of NATS as long as nothing happens. A provider of a server's own: its user needs the rights that
 * docs/sessions.md names.
 */
@Injectable()
export class SessionEvents implements OnApplicationShutdown {
  private readonly log = new Logger('sessions');
  private readonly watch: SessionWatch;

  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection, health: NatsHealth) {
    this.watch = new SessionWatch(nats, health);
  }

  /**
   * Calls `listener` with what there is (`opened`, and `away` where the player is away), and then with each event. When several
   * changes came between two looks, some ms apart, their outcome alone is told.
   *
   * @returns what ends that
   * @throws RpcError INVALID for what is no player id
   */
  watchPlayer(playerId: string, listener: (event: SessionEvent) => void): () => void {
    const id = checkName('playerId', playerId);
    let before: SeenSession | undefined;
    let isOver = false;
    const end = this.watch.watchSession(id, (seen) => {
      const events = eventsBetween(id, before, seen);
      before = seen;
      for (const event of events) if (!isOver) this.tellListener(listener, event);
    });
    return () => {
      isOver = true;
      end();
    };
  }

  /** Others listen too, and the next player is read in the same turn. */
  private tellListener(listener: (event: SessionEvent) => void, event: SessionEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.log.error({ event: 'session.listener-failed', kind: event.kind, err: error });
    }
  }

  onApplicationShutdown(): void {
    this.watch.close();
  }
}
