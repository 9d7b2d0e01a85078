export { BindingErrors, Bindings } from './bindings/bindings.js';
export { changeSessionData, ChangeSessionDataDto } from './data/session-data.contract.js';
export { SessionData } from './data/session-data.js';
export {
  bindingTo,
  boundServerName,
  noBindingTo,
  type SessionValues,
  type ValueChanges,
} from './data/session-values.js';
export type { SessionEvent } from './events/session-event.js';
export { SessionEvents } from './events/session-events.js';
export type { SharedSessionEvent, SharedSessionHandler } from './events/player-teller.js';
export { SharedSessionEvents } from './events/shared-session-events.js';
export { Delivery } from './delivery/delivery.js';
export { Feed, type FeedSink, type FeedStart } from './delivery/feed.js';
export { Groups } from './groups/groups.service.js';
export type { ClaimRequest, SessionClaim } from './claims/claim-request.js';
export { SessionClaims } from './claims/session-claims.js';
export { PlayerWhereabouts, type Whereabouts } from './claims/player-whereabouts.js';
export type { SeenSession } from './claims/seen-session.js';
export { type OnSession, SessionWatch } from './claims/session-watch.js';
export {
  type Displacement,
  type HeldClaim,
  type SessionRecord,
  sessionsBucket,
  type SocketEnd,
} from './claims/session-record.js';
export { type AnyPushes, type PushOptions, PushService } from './push/push.service.js';
export { deliverSubject } from './push/subjects.js';
export type { TopicPushes } from './push/topic-pushes.js';
export { type AuditEntry, type AuditLine, type AuditQuery, AuditTrail } from './moderation/audit-trail.js';
export { type KickedSession, Moderation, type Order, type SanctionOrder } from './moderation/moderation.js';
export { ModerationModule, SanctionsModule } from './moderation/moderation.modules.js';
export type { Sanction, SanctionDetails, SanctionKind } from './moderation/sanction.js';
export { Sanctions } from './moderation/sanctions.js';
export { sessionEventStreams, sessionStreams } from './session-streams.js';
export { SessionsModule } from './sessions.module.js';
export { type AccountTokenOptions, AccountTokens } from './tokens/account-tokens.js';
export { isBadToken } from './tokens/bad-token.js';
export { ConfiguredTokens } from './tokens/configured-tokens.js';
export { OwnTokens } from './tokens/own-tokens.js';
export { TokenSigner } from './tokens/token-signer.js';
export { type TokenClaims, TokenVerifier } from './tokens/token-verifier.js';
export { TokensModule, type TokensOptions } from './tokens/tokens.module.js';
