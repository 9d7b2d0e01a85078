import { Injectable } from '@nestjs/common';
import { EventType, GameErrors, type GatewayMessageDto } from '@ccgame/protocol';
import { isBadToken, TokenVerifier } from '@ccgame/sessions';
import { Abusers } from '../limits/abusers.js';
import { countRequest } from './count-request.js';
import { checkEnvelope } from './envelope.js';
import type { Acknowledge, ClientEvent } from './client-event.js';
import { answerWithError, respond } from './event-answers.js';
import { maxInFlight, tooManyInFlight } from './in-flight.js';
import { inTime } from './in-time.js';
import type { PlayerSession } from './player-session.js';
import { endOfToken, expiryOf } from './token-expiry.js';

/** Takes a newer token from a client whose socket goes on. */
@Injectable()
export class TokenAcceptor {
  private renewals = 0;

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly abusers: Abusers,
  ) {}

  /** The one of several at once that was sent last counts, whichever is verified first. */
  async acceptToken(session: PlayerSession, message: GatewayMessageDto, ack?: Acknowledge): Promise<void> {
    const event: ClientEvent = { name: EventType.REQUEST, data: message, ack };
    if (session.inFlight >= maxInFlight) return answerWithError(session, event, tooManyInFlight());
    const renewal = (this.renewals += 1);
    session.inFlight += 1;
    try {
      const tokenEndsAt = await this.readToken(session, checkEnvelope(message).data);
      if (renewal > session.renewal) Object.assign(session, { tokenEndsAt, renewal });
      countRequest(session, event, 'ok');
      respond(session, event, 'data', expiryOf(session.tokenEndsAt));
    } catch (error) {
      answerWithError(session, event, error);
      // An issuer or verifier that is away, or fails, is nobody's offence.
      if (isBadToken(error)) this.abusers.recordOffence(session);
      else this.abusers.recordRefusal(session, error);
    } finally {
      session.inFlight -= 1;
    }
  }

  private async readToken(session: PlayerSession, data: unknown): Promise<number> {
    const { token } = Object(data) as { token?: unknown };
    const verified = this.tokens.verify(typeof token === 'string' ? token : '');
    const { playerId, expiresAt } = await inTime('token verifier', verified);
    if (playerId === session.playerId) return endOfToken(expiresAt);
    throw GameErrors.UNAUTHENTICATED({ details: { detail: 'The token is another player’s.' } });
  }
}
