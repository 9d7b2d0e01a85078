/** What a connector knows of one player's connection. */
export interface Session {
  playerId: string;
  /** Where his calls go, unless a message names another version. */
  version: string;
}
