import { NatsClock } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { PlayedMatches } from '../src/store/played-matches.js';
import { TicketStore } from '../src/store/ticket-store.js';

/** The stores of a matching server, on a NATS of its own. */
export class MatchStores {
  readonly health: NatsHealth;
  readonly store: TicketStore;
  readonly played: PlayedMatches;

  private constructor(
    private readonly nats: NatsServer,
    readonly connection: NatsConnection,
  ) {
    this.health = new NatsHealth(connection);
    this.store = new TicketStore(connection, this.health, new NatsClock(connection, this.health));
    this.played = new PlayedMatches(connection, this.health);
  }

  static async open(): Promise<MatchStores> {
    const nats = await startNats();
    const stores = new MatchStores(nats, await connect({ servers: nats.address }));
    await stores.store.onModuleInit();
    await stores.played.onModuleInit();
    return stores;
  }

  async close(): Promise<void> {
    this.store.onApplicationShutdown();
    this.store.clock.onApplicationShutdown();
    this.played.onApplicationShutdown();
    await this.connection.close();
    await this.nats.destroy();
  }
}
