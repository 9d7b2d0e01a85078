import { Controller } from '@nestjs/common';
import { ServerHandler } from '@ccgame/rpc';
import { changeSessionData, type ChangeSessionDataDto, SessionClaims } from '@ccgame/sessions';
import { ConnectedSessions } from '../gateway/connected-sessions.js';

/** Changes sessions' data for back ends. */
@Controller()
export class SessionDataController {
  constructor(
    private readonly sessions: ConnectedSessions,
    private readonly claims: SessionClaims,
  ) {}

  @ServerHandler(changeSessionData)
  async changeSessionData({ playerId, session, changes }: ChangeSessionDataDto): Promise<void> {
    const own = this.sessions.sessionOf(playerId);
    if (own && (session === undefined || session === own.sessionId)) return own.changeData(changes);
    await this.claims.changeLooseData(playerId, session, changes);
  }
}
