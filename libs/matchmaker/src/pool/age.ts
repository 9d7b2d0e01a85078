/** Something that is ordered by its age. */
export interface Aged {
  /** Epoch ms. */
  readonly since: number;
  readonly ticket: { readonly ticketId: string };
}

/** Oldest first. Entries of equal age go by id, so that there is one order whatever was added first. */
export function compareAge(a: Aged, b: Aged): number {
  if (a.since !== b.since) return a.since - b.since;
  if (a === b) return 0;
  return a.ticket.ticketId < b.ticket.ticketId ? -1 : 1;
}
