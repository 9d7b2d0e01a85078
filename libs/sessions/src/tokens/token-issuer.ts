/** The `iss` of the tokens that ccgame signs itself. */
export const issuer = 'ccgame';

/** No tolerance for clocks that differ: they have no `nbf`, and a client that is told "expired" logs in again. */
export const claimRules = { allowedIss: issuer, requiredClaims: ['iss', 'sub', 'exp'] };
