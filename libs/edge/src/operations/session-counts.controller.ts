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
    const counts = new Map<string, number>();
    for (const { version } of this.sessions.listSessions())
      counts.set(version, (counts.get(version) ?? 0) + 1);
    return { versions: [...counts].map(([version, sessions]) => ({ version, sessions })) };
  }
}
