import { NotRead } from '@ccgame/jetstream';
import type { SessionRecord } from '@ccgame/sessions';
import type { OperatorSession } from './operator-session.js';

/** The record that connectors write of a player's session. @throws NotRead */
export async function findRecord(
  { whereabouts }: OperatorSession,
  playerId: string,
): Promise<SessionRecord | undefined> {
  return whereabouts.findSession(playerId).catch((error: unknown) => {
    // No connector has ever run here.
    if (error instanceof NotRead && error.kind === 'gone') return undefined;
    throw error;
  });
}
