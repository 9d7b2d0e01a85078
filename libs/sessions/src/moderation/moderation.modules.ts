import { Global, Module } from '@nestjs/common';
import { NatsClock } from '@ccgame/jetstream';
import { AuditTrail } from './audit-trail.js';
import { Moderation } from './moderation.js';
import { Sanctions } from './sanctions.js';

/** For a server that heeds bans and mutes: {@link Sanctions}, and the clock by which they and tokens end. */
@Global()
@Module({ providers: [NatsClock, Sanctions], exports: [NatsClock, Sanctions] })
export class SanctionsModule {}

/** For a server with an operator's pages: {@link Moderation} and {@link AuditTrail}. */
@Module({ providers: [AuditTrail, Moderation], exports: [AuditTrail, Moderation] })
export class ModerationModule {}
