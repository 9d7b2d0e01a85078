import type { BuiltIn } from '../contract/entity-contract.js';

/** Inputs that the engine itself gives an entity. */
export type OwnInput = 'tick' | 'away' | 'back' | 'alarm' | 'arrived';

/**
 * One input of an entity as the log holds it. Short names, for bytes: an input of a small game has some 60 bytes beside its payload,
 * a log message has hundreds of them, and each is written once and read after a failure alone.
 */
export interface StoredInput {
  /** Counts the entity's inputs from 1. */
  n: number;
  /** The handler's method; empty where the engine's own has none. */
  h: string;
  /** An input of the framework's own; `tick` tells how far a room had come. */
  b?: BuiltIn | OwnInput;
  /** The data: the payload. */
  d?: unknown;
  /** The entity's `now`, epoch ms. */
  at: number;
  /** When it came by the clock of NATS, epoch ms, where that was set back behind `at`. */
  came?: number;
  /** The room's tick after which it came. */
  k?: number;
  /** The player's id. */
  p?: string;
  /** The call that it came by. */
  c?: CallId;
  /** The entity that sent it, where it came by a stored call. */
  s?: CallSource;
  /** In the first record only: the seed of the entity's randomness, and an id that parts it from others under its name. */
  seed?: number;
  birth?: string;
}

/** Names a call of a caller, by which a repeat of it is known. */
export interface CallId {
  caller: string;
  /** Counts up with each call of that caller. */
  number: number;
  /** The caller has the answers to all calls up to this one. */
  acked?: number;
}

/** Names a stored call of an entity, by which a repeat of it is known. */
export interface CallSource {
  /** `<server type>.<entity>.<id>` */
  from: string;
  /** Counts up with each call of that entity. */
  number: number;
}

/** The outcome of an input. */
export type Answer =
  | { data?: unknown }
  | {
      error: { code: string; retryable: boolean; message?: string; details?: unknown; retryAfterMs?: number };
    };

/** A reliable push that may not have left yet. Its id makes it one of a kind for a minute, so it may be sent again; later as one in doubt. */
export interface Output {
  id: string;
  to: readonly string[];
  route: string;
  data: unknown;
  /** The input on which it rests: it leaves when that is stored. */
  n: number;
  /** When it was given, epoch ms by the clock of NATS. */
  at?: number;
}

/** A call to another entity that isn't known to have arrived. */
export interface OutgoingCall {
  number: number;
  /** The input on which it rests: it leaves when that is stored. */
  n: number;
  serverType: string;
  handler: string;
  entity: string;
  id: string;
  /** The target's partition. */
  key: string;
  /** The payload. */
  d?: unknown;
}

/** The newest stored call of an entity. */
export interface HeardCall {
  number: number;
  /** When it came, epoch ms. */
  at: number;
  /** The code of the error by which it was refused. */
  code?: string;
  /** When its sender said that it keeps the call no longer, epoch ms. */
  settledAt?: number;
}

/** Where an entity lives. */
export interface Place {
  version: string;
  /** That version's servers are to go on with it; neither of both applies anything meanwhile. */
  to?: string;
}

/** A member's session, as the room knows it. */
export interface Presence {
  session: string;
  isAway: boolean;
  /** Since when the member is away, epoch ms of the room's time. */
  since?: number;
}

/** One alarm of an entity, under the name of its method. */
export interface StoredAlarm {
  /** Epoch ms of the entity's time. */
  at: number;
  data?: unknown;
}

/** All that an entity is. */
export interface Checkpoint extends Place {
  /** The state version of the code that wrote `state`. */
  stateVersion: number;
  /** For the version that it goes to, where that is an older one: the state as that one knows it. */
  offer?: { state: object; stateVersion: number };
  /** The last input that it holds. */
  n: number;
  birth: string;
  random: number;
  now: number;
  tick: number;
  state: object;
  members: string[];
  /** By member, what the room was told of the session last; members without one are left out. */
  presence?: Record<string, Presence>;
  /** By player who is to join, until when a seat is kept, epoch ms of the room's time; left out where there are none. */
  seats?: Record<string, number>;
  /** By method; left out where none is set. */
  alarms?: Record<string, StoredAlarm>;
  /** By caller, the answers that may still be asked for again, up to which call they were dropped, and when it called last, epoch ms. */
  answers: [caller: string, [number: number, answer: Answer][], droppedUpTo?: number, at?: number][];
  outputs: Output[];
  /** Left out where none is on its way. */
  calls?: readonly OutgoingCall[];
  /** The number of the newest call that it ever sent. */
  lastCall?: number;
  /** By the entity that called it, its last stored call. */
  heard?: [from: string, call: HeardCall][];
  /** It was ended: there is no such entity. */
  ended?: true;
  /** Why a room doesn't go on; its state is kept for a look. */
  stopped?: string;
}

/** How far an entity has come. */
export interface Measure {
  n: number;
  tick: number;
  stateBytes: number;
  /** Over what the same inputs have to come to. */
  sum: number;
  /** When its next alarm is due, epoch ms. */
  alarmAt?: number;
}

/** An entity as it is stored. */
export interface Snapshot extends Measure {
  /** A {@link Checkpoint} as JSON. */
  checkpoint: string;
}

/** How far an entity had come when its inputs were stored: a replay has to come to the same. */
export interface Progress {
  /** A room's tick. */
  tick: number;
  /** Over what it was; left out where a volatile input had its part in that. */
  sum?: number;
}

/** One message of a partition's log: what one flush stored. */
export interface LogRecord {
  inputs: [entity: string, input: StoredInput][];
  /** By entity, what it had come to when these inputs were stored. */
  after: Record<string, Progress>;
}
