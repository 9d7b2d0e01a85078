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
    for (const { version, isDisplaced } of this.sessions.listSessions()) {
      // A player who moved is on another socket; this one lingers for answers that are still to come.
      if (!isDisplaced) counts.set(version, (counts.get(version) ?? 0) + 1);
    }
    return { versions: [...counts].map(([version, sessions]) => ({ version, sessions })) };
  }
}
