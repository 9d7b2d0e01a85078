export { JwtTokens } from './tokens/jwt-tokens.js';
export { TokenVerifier, type TokenClaims } from './tokens/token-verifier.js';
