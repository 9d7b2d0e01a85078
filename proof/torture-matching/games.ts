import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { backfillHandlers, type BackfilledPlayers } from '@ccgame/matchmaker';
import { RpcError, type RpcService } from '@ccgame/rpc';
import type { Asked, Notified } from './history.js';
import { backfillMode } from './modes.js';

/** The share of the running matches that lose a player. */
const losing = 0.5;
const forMs = 10_000;
const notify = { serverId: 'robots-torture-0', handler: 'players_joined' };
/** Codes of a server that dies, or isn't there: it may have stored the request. */
const mayHappen = new Set(['GONE', 'NO_SERVER', 'BUSY', 'TIMEOUT', 'NOT_FOUND']);

/** The games that are played: in the mode with backfill now and then one lacks a player and asks for another. */
export class Games {
  readonly asked: Asked[] = [];
  readonly notified: Notified[] = [];
  readonly failed: string[] = [];
  private readonly known = new Set<string>();
  private readonly subscription: Subscription;

  constructor(
    nats: NatsConnection,
    private readonly rpc: RpcService,
    private readonly versionOf: () => string,
  ) {
    this.subscription = nats.subscribe(`rpc.id.robots.${notify.serverId}.${notify.handler}`, {
      callback: (_error, message) => {
        const { matchId, teams } = message.json<BackfilledPlayers>();
        for (const player of teams.flatMap(({ players }) => players)) this.notified.push({ matchId, player });
        message.respond('{}');
      },
    });
  }

  /** A match was told to one of its players. */
  began({ matchId, mode }: { matchId: string; mode: string }): void {
    if (mode !== backfillMode || this.known.has(matchId)) return;
    this.known.add(matchId);
    if (Math.random() < losing) void this.ask(matchId);
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private async ask(matchId: string): Promise<void> {
    const places = [Math.random() < 0.5 ? 0 : 1];
    this.asked.push({ matchId, places });
    const target = { handler: backfillHandlers.request, version: this.versionOf() };
    await this.rpc.doRPC(target, { matchId, places, notify, forMs }).catch((error: unknown) => {
      const code = error instanceof RpcError ? error.code : String(error);
      if (!mayHappen.has(code)) this.failed.push(`backfill of ${matchId}: ${code}`);
    });
  }
}
