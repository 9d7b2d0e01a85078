import type { Answer } from './records.js';

/** A room after a tick. */
export interface RoomAtTick {
  readonly tick: number;
  /** All that it is beside its state. */
  readonly surroundings: object;
  readonly instance: { state: object };
}

/** Told of what happens to a room, once it did; of an input and a call as they came, since a handler may change what it is given. */
export interface LiveRecorder {
  noteInput(inputJson: string, answer: Answer): void;
  noteVolatile(callJson: string): void;
  noteTick(room: RoomAtTick): void;
}
