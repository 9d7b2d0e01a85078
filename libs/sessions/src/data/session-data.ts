import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { waitForReplica } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { checkName, rpcContext, RpcError, RpcService } from '@ccgame/rpc';
import { PlayerWhereabouts } from '../claims/player-whereabouts.js';
import type { SessionRecord } from '../claims/session-record.js';
import { orBusy } from '../or-busy.js';
import { noSession } from './no-session.js';
import { changeSessionData } from './session-data.contract.js';
import { bindingTo, noBindingTo, type SessionValues, type ValueChanges } from './session-values.js';

/** The one that held the session may be another by now, or gone. */
const attempts = 4;
/** Within 0.6 s. */
const mostReads = 8;
const elsewhere = new Set(['MOVED', 'NO_SERVER', 'GONE']);

/**
 * Reads and changes what a game keeps with players' sessions, from any server. It is kept with the claim, so it outlives sockets and
 * connectors, and ends with the session.
 */
@Injectable()
export class SessionData implements OnApplicationShutdown {
  private readonly whereabouts: PlayerWhereabouts;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    health: NatsHealth,
    private readonly rpc: RpcService,
  ) {
    this.whereabouts = new PlayerWhereabouts(nats, health);
  }

  /** All values of the player's session; undefined: there is no session. @throws RpcError INVALID, BUSY */
  async readValues(playerId: string): Promise<SessionValues | undefined> {
    const record = await this.sessionOf(playerId);
    return record && (record.data ?? {});
  }

  /**
   * Sets values, all or none; null takes one away. It is stored when this resolves, and the connector goes by it. In the handler of a
   * player's call it is that call's session alone; else whichever the player has.
   *
   * @throws RpcError NOT_FOUND: there is no such session, or none any more; INVALID; TOO_LARGE over 2,048 bytes in all; BUSY
   */
  async changeValues(playerId: string, changes: ValueChanges): Promise<void> {
    const { uid, session: own } = rpcContext.get().attributes;
    const session = uid === checkName('playerId', playerId) ? own : undefined;
    const handler = changeSessionData;
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.knownSessionOf(playerId, session);
      if (!record || (session !== undefined && record.session !== session)) throw noSession();
      // Where the socket is gone, or its connector on the second try, any connector does it.
      const isHeld = record.isConnected && attempt % 2 === 1;
      const target = isHeld ? { serverId: record.serverId, handler } : { handler, version: record.version };
      try {
        await this.rpc.doRPC(target, { playerId, session: record.session, changes });
        return;
      } catch (error) {
        const isElsewhere = error instanceof RpcError && elsewhere.has(error.code);
        if (!isElsewhere || attempt >= attempts) throw error;
      }
    }
  }

  /** Messages of the player's session for the server's type go to that server from now on: see `SocketSession.bind`. @throws as {@link changeValues} */
  async bindServer(playerId: string, serverId: string): Promise<void> {
    await this.changeValues(playerId, bindingTo(serverId));
  }

  /** @throws as {@link changeValues} */
  async unbindServer(playerId: string, serverType: string): Promise<void> {
    await this.changeValues(playerId, noBindingTo(serverType));
  }

  onApplicationShutdown(): void {
    this.whereabouts.onApplicationShutdown();
  }

  /** @param session that was there a moment ago: a replica of NATS that is behind may not have it yet */
  private async knownSessionOf(playerId: string, session?: string): Promise<SessionRecord | undefined> {
    for (let reads = 1; ; reads += 1) {
      await waitForReplica(reads);
      const record = await this.sessionOf(playerId);
      const isKnown = session === undefined || record?.session === session;
      if (isKnown || reads >= mostReads) return record;
    }
  }

  private sessionOf(playerId: string): Promise<SessionRecord | undefined> {
    return orBusy(() => this.whereabouts.findSession(playerId));
  }
}
