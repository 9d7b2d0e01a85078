import { Injectable } from '@nestjs/common';
import { EventType, GameErrors, type GatewayMessageDto } from '@ccgame/protocol';
import { TokenVerifier } from '@ccgame/sessions';
import { Abusers } from '../limits/abusers.js';
import { checkEnvelope } from './envelope.js';
import type { Acknowledge } from './client-event.js';
import { answerWithError, respond } from './event-answers.js';
import type { PlayerSession } from './player-session.js';
import { endOfToken, expiryOf } from './token-expiry.js';

/** Takes a newer token from a client whose socket goes on. */
@Injectable()
export class TokenAcceptor {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly abusers: Abusers,
  ) {}

  async acceptToken(session: PlayerSession, message: GatewayMessageDto, ack?: Acknowledge): Promise<void> {
    try {
      session.tokenEndsAt = await this.readToken(session, checkEnvelope(message).data);
      respond(session, { data: message, ack }, 'data', expiryOf(session.tokenEndsAt));
    } catch (error) {
      answerWithError(session, { name: EventType.REQUEST, data: message, ack }, error);
      this.abusers.recordOffence(session);
    }
  }

  private async readToken(session: PlayerSession, data: unknown): Promise<number> {
    const { token } = Object(data) as { token?: unknown };
    const { playerId, expiresAt } = await this.tokens.verify(typeof token === 'string' ? token : '');
    if (playerId === session.playerId) return endOfToken(expiresAt);
    throw GameErrors.UNAUTHENTICATED({ details: { detail: 'The token is another player’s.' } });
  }
}
