/** The player that a token speaks for. */
export interface TokenClaims {
  playerId: string;
  /** Epoch milliseconds, by this machine's clock. */
  expiresAt: number;
}

/**
 * Checks the token of a handshake or an HTTP request. A studio with accounts of its own extends it, and names its class in
 * `game/src/accounts.ts`.
 */
export abstract class TokenVerifier {
  /** @throws RpcError UNAUTHENTICATED; its public details hold a `detail` sentence. */
  abstract verify(token: string): TokenClaims | Promise<TokenClaims>;
}
