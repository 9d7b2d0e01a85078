export { PushService } from './push/push.service.js';
export { deliverSubject } from './push/subjects.js';
export { JwtTokens } from './tokens/jwt-tokens.js';
export { TokenVerifier, type TokenClaims } from './tokens/token-verifier.js';
