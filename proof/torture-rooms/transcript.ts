// The messages that a run's players sent and got: all that the checker knows.

export interface Spot {
  x: number;
  y: number;
}

export interface SeenDisc extends Spot {
  id: string;
  isBot: boolean;
  score: number;
  steer: Spot;
  speed: Spot;
  inputs: number;
}

/** A room's state as it was pushed. */
export interface View {
  tick: number;
  rule: string;
  phase: string;
  secondsLeft: number;
  discs: SeenDisc[];
  gems: Spot[];
}

export interface SentInput extends Spot {
  sentAt?: number;
  /** Where the room said that it was applied, and the player's how-manieth it was. */
  answer?: { tick: number; inputs: number };
  answeredAfterMs?: number;
  /** Its code, and when. */
  error?: string;
}

export interface PlayerTranscript {
  playerId: string;
  /** In the order in which they were sent. */
  inputs: SentInput[];
  /** In the order of arrival. */
  seen: { at: number; view: number }[];
  /** When the player was told that the round is over. */
  overAt: number[];
}

export interface RoomTranscript {
  roomId: string;
  players: PlayerTranscript[];
  /** Each different one once; `seen` names them by index. */
  views: View[];
  /** The run waited for the room to go on after its last deed, until then; undefined: its round was over before. */
  watchedUntil?: number;
}

/** The deeds against the servers. All times are ms of one clock. */
export interface Deed {
  name: string;
  /** An owner had no chance to hand anything over: what was pushed and not stored may be done again. */
  isSudden: boolean;
  at: number;
  until: number;
}
