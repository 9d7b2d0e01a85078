import { Controller } from '@nestjs/common';
import { ServerHandler } from '@ccgame/rpc';
import { ConnectedSessions } from '../gateway/connected-sessions.js';
import type { PlayerSession } from '../gateway/player-session.js';
import {
  connectorHandlers,
  type FoundPlayer,
  type MovedPlayer,
  type PlayerDto,
} from './connector.contract.js';

/** The time that a client is told; a player who stays is not closed. */
const withinMs = 30_000;

/** Answers an operator who asks for one player. */
@Controller()
export class PlayerOperationsController {
  constructor(private readonly sessions: ConnectedSessions) {}

  @ServerHandler(connectorHandlers.findPlayer)
  findPlayer({ playerId }: PlayerDto): FoundPlayer {
    const sockets = this.socketsOf(playerId).map(({ sessionId, version, handshake, openedAt, inFlight }) => ({
      session: sessionId,
      version,
      isSdk: handshake.isSdk,
      openForMs: Math.round(performance.now() - openedAt),
      inFlight,
    }));
    return { sockets };
  }

  @ServerHandler(connectorHandlers.movePlayer)
  movePlayer({ playerId }: PlayerDto): MovedPlayer {
    const session = this.sessions.sessionOf(playerId);
    if (!session) return { outcome: 'not-here' };
    if (session.handshake.isSdk) {
      session.askToMove(withinMs, 'operator');
      return { outcome: 'asked' };
    }
    session.close('MOVED', { reconnect: true });
    return { outcome: 'closed' };
  }

  private socketsOf(playerId: string): PlayerSession[] {
    return [...this.sessions.listSessions()].filter((session) => session.playerId === playerId);
  }
}
