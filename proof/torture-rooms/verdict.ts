export type FaultKind =
  | 'room lost'
  | 'round not ended once'
  | 'input not answered'
  | 'answered input lost'
  | 'input applied twice'
  | 'inputs out of order'
  | 'state not explained'
  | 'tick done twice'
  | 'too much excused';

export interface Fault {
  kind: FaultKind;
  what: string;
  /** A machine that is beyond its limit may be all that is behind it. */
  isLate?: true;
}

export interface Counts {
  rooms: number;
  /** Different states that were pushed. */
  views: number;
  inputs: number;
  /** Times that a player's tick went back, each after a sudden end of an owner. */
  rewinds: number;
  longestRewind: number;
  /** States that only the rules' bounds could be held against, as ticks before them were never seen. */
  loose: number;
  /** Two states of one tick, after a sudden end of an owner: the state that the first one pushed was not stored. */
  redone: number;
}

export interface Verdict {
  faults: Fault[];
  counts: Counts;
}
