import { NatsHealth } from '@ccgame/nats';
import { AuditTrail, Moderation, PlayerWhereabouts, PushService } from '@ccgame/sessions';
import { environment } from '../environment.js';
import type { ReleaseSession } from '../release/session.js';
import type { OperatorSession } from './operator-session.js';

/** Runs an operator's work with all that it needs of players, and closes that. */
export async function runOperator(
  session: ReleaseSession,
  work: (session: OperatorSession) => Promise<void>,
): Promise<void> {
  const health = new NatsHealth(session.nats);
  const audit = new AuditTrail(session.nats, health);
  const moderation = new Moderation(session.nats, health, audit);
  const whereabouts = new PlayerWhereabouts(session.nats, health);
  const pushes = new PushService(session.nats, health);
  try {
    await work({ ...session, by: environment.operator, moderation, audit, whereabouts, pushes });
  } finally {
    for (const one of [audit, moderation, whereabouts, pushes]) one.onApplicationShutdown();
  }
}
