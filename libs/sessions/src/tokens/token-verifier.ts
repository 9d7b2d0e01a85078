/** Who a token speaks for. */
export interface TokenClaims {
  playerId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/**
 * Checks the token of a handshake. A studio with accounts of its own provides another one:
 * `{ provide: TokenVerifier, useClass: OurAccounts }`.
 */
export abstract class TokenVerifier {
  /** @throws RpcError UNAUTHENTICATED; its public details hold a `detail` sentence. */
  abstract verify(token: string): TokenClaims | Promise<TokenClaims>;
}
