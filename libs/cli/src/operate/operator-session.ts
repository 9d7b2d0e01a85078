import type { AuditTrail, Moderation, PlayerWhereabouts, PushService } from '@ccgame/sessions';
import type { ReleaseSession } from '../release/session.js';

/** The things that an operator's command works with. */
export interface OperatorSession extends ReleaseSession {
  /** The account at this machine, for the audit stream. */
  by: string;
  moderation: Moderation;
  audit: AuditTrail;
  whereabouts: PlayerWhereabouts;
  pushes: PushService;
}
