/** A player alone or a party, waiting for a match. */
export interface Ticket {
  ticketId: string;
  players: string[];
  /** The mean of the players. */
  skill: number;
  /** Epoch milliseconds; kept when a ticket moves to another server. */
  since: number;
}
