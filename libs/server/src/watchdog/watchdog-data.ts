import type { ConnectionOptions } from '@nats-io/transport-node';

export const lookEveryMs = 250;

/** The first part of the shared memory: how often the main thread went on, the bytes of its note, whether a debugger may be attached. */
export const [progressAt, lengthAt, inspectedAt] = [0, 1, 2];
/** The note is behind it. */
export const headerBytes = 16;

/** The things that the watchdog's thread is given. */
export interface WatchdogData {
  /** See `work-note.ts`. */
  memory: SharedArrayBuffer;
  /** CPU time of one turn after which the process is ended, ms. */
  limitMs: number;
  /** For marks. */
  connection: ConnectionOptions;
  serverId: string;
  version: string;
}
