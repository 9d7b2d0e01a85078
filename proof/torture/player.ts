import type { Diary } from './diary.js';

/** A player whose servers and connection are hit. */
export interface TorturedPlayer {
  readonly playerId: string;
  readonly diary: Diary;
  readonly ready: Promise<void>;
  readonly isOnline: boolean;
  /** Resolves when the request has ended: whether it was answered. */
  ask(): Promise<boolean>;
  close(): void;
}

/** The route of what is pushed: a number, one higher each time. */
export const tickRoute = 'tick';
/** Its handler is declared `once`; the payload's `mode` is the request's id. */
export const askRoute = 'matching.user_join_matching';
