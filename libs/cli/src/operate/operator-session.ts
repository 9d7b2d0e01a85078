import type { AuditTrail, Moderation, PlayerWhereabouts, PushService } from '@ccgame/sessions';
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
    const { runOperator } = await import('./run-operator.js');
    await runOperator(session, work);
  });
}
