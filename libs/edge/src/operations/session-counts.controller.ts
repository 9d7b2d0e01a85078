import { Controller } from '@nestjs/common';
import { connectorHandlers, type SessionCounts } from './connector.contract.js';
import { ServerHandler } from '@ccgame/rpc';
import { ConnectedSessions } from '../gateway/connected-sessions.js';

/** Answers the release command before it removes a version. */
@Controller()
export class SessionCountsController {
  constructor(private readonly sessions: ConnectedSessions) {}

  @ServerHandler(connectorHandlers.countSessions)
  countSessions(): SessionCounts {
    const counts = this.sessions.countByVersion();
    return { versions: [...counts].map(([version, sessions]) => ({ version, sessions })) };
  }
}
