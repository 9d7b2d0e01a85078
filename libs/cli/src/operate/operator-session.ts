import { AuditTrail, Moderation, PlayerWhereabouts, PushService } from '@ccgame/sessions';
import { NatsHealth } from '@ccgame/nats';
import { environment } from '../environment.js';
import { type ReleaseSession, withSession } from '../release/session.js';
import type { OperatorOptions } from './operator-options.js';

/** The things that an operator's command works with. */
export interface OperatorSession extends ReleaseSession {
  /** The account at this machine, for the audit stream. */
  by: string;
  moderation: Moderation;
  audit: AuditTrail;
  whereabouts: PlayerWhereabouts;
  pushes: PushService;
}

/** Finds the place by the rule of `ccgame release`, runs the work there, and closes what it opened. */
export async function withOperator(
  options: OperatorOptions,
  does: 'changes' | 'reads',
  work: (session: OperatorSession) => Promise<void>,
): Promise<void> {
  await withSession({ ...options, why: '' }, does, async (session) => {
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
  });
}
