import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { aliveSubject, type ResolvedRpcOptions } from '@ccgame/rpc';
import { type SessionClaim, SessionClaims } from '@ccgame/sessions';

/** The part of a connector that claims sessions, with a NATS connection of its own. */
export class Door {
  private counter = 0;

  private constructor(
    private readonly connection: NatsConnection,
    readonly claims: SessionClaims,
  ) {}

  static async open(serverId: string, address: string): Promise<Door> {
    const connection = await connect({ servers: address, reconnect: false });
    connection.subscribe(aliveSubject(serverId), { callback: (_, message) => void message.respond() });
    const identity = { serverId, serverType: 'connector', version: '1.0.0000' };
    const claims = new SessionClaims(connection, new NatsHealth(connection), {
      identity,
    } as ResolvedRpcOptions);
    await claims.onModuleInit();
    return new Door(connection, claims);
  }

  /** @param session to go on with */
  enter(playerId: string, session?: string): Promise<SessionClaim> {
    const socket = `${playerId}-${this.counter++}`;
    return this.claims.claimSession({ playerId, socket, version: '1.0.0000', session, refuseSecond: false });
  }

  /** As a killed process is gone: without a word. */
  async vanish(): Promise<void> {
    this.claims.onApplicationShutdown();
    await this.connection.close();
  }
}
