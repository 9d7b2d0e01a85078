import type { Answer, Checkpoint, StoredInput } from '../live/records.js';

/** The first line of a recording. */
export interface RecordingHead {
  /** The name in the room's declaration: `table` */
  entity: string;
  /** As `dice`. */
  serverType: string;
  id: string;
  version: string;
  serverId: string;
  /** When it began, epoch ms. */
  at: number;
  stateVersion: number;
  /** As the room was then. */
  checkpoint: Checkpoint;
}

/** A call that isn't stored, and may have changed the state all the same. */
export interface VolatileCall {
  method: string;
  payload: unknown;
  playerId?: string;
}

/** One further line: what happened to the room, and what it came to. */
export type RecordedStep =
  | { input: StoredInput; answer: Answer }
  | { volatile: VolatileCall }
  /** A tick by its number; what the room was after it, and its time, members, dice and alarms. */
  | { tick: number; surroundings: object; state: unknown };

/** A recording as it is read back: the start, and each input and tick after it. */
export interface Recording {
  head: RecordingHead;
  steps: RecordedStep[];
}
