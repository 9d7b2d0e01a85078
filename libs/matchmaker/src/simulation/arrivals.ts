import type { Attributes } from '../pool/ticket.js';

/** A party that comes, as a recording or a generator gives it. */
export interface Arrival {
  /** From the beginning, ms. */
  atMs: number;
  /** Players. */
  party: number;
  attributes: Attributes;
  roles?: string[][];
  latencyMs?: Record<string, number>;
  /** When it would give up, from the beginning, ms. Left out: never. */
  leavesAtMs?: number;
}
