/** The `iss` of the tokens that ccgame signs itself. */
export const issuer = 'ccgame';

/** The expiry is looked at by another clock than this machine's: see `OwnTokens`. */
export const claimRules = {
  allowedIss: issuer,
  requiredClaims: ['iss', 'sub', 'exp'],
  ignoreExpiration: true,
};
