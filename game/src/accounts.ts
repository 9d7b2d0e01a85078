import type { AccountsOptions } from '@ccgame/accounts';
import { ConfiguredTokens, type TokensOptions } from '@ccgame/sessions';

/**
 * Checks the players' tokens, on connectors and http servers alike. A studio with accounts of its own puts its class here, one
 * that extends `TokenVerifier`.
 */
export const tokens: TokensOptions = { verifier: ConfiguredTokens };

/** Guests by device. `guests: false` where all players have an account. */
export const accounts: AccountsOptions = { guests: { forgottenAfterSeconds: 30 * 24 * 3600 } };
