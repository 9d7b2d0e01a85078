export { Delivery } from './delivery/delivery.js';
export { Feed, type FeedSink, type FeedStart } from './delivery/feed.js';
export type { Position } from './delivery/replay.js';
export { PushService, type PushOptions } from './push/push.service.js';
export { checkPlayerId, deliverSubject, isPlayerId } from './push/subjects.js';
export { SessionsModule } from './sessions.module.js';
export { JwtTokens } from './tokens/jwt-tokens.js';
export { TokenVerifier, type TokenClaims } from './tokens/token-verifier.js';
