import { EntityErrors } from '../errors.js';
import type { Checkpoint, OutgoingCall } from './records.js';

/** Calls of one entity that may be on their way. */
export const mostOutgoing = 256;
/** Bytes of one payload as JSON, and of all that are on their way: they are a part of each checkpoint. */
const mostCallBytes = 16 * 1024;
const mostBytes = 128 * 1024;

/** The calls that an entity has sent to others and that aren't known to have arrived: a part of its state as it is stored. */
export class OutgoingCalls {
  private list: OutgoingCall[];
  private newest: number;
  private bytes: number;

  constructor({ calls = [], lastCall = 0 }: Pick<Checkpoint, 'calls' | 'lastCall'>) {
    this.list = [...calls];
    this.newest = lastCall;
    this.bytes = sizeOf(calls);
  }

  /** The oldest first. */
  get all(): readonly OutgoingCall[] {
    return this.list;
  }

  /** The number of the newest one that was ever sent. */
  get last(): number {
    return this.newest;
  }

  /**
   * Numbers go on from those of the inputs, which no other life under the same id has.
   *
   * @throws RpcError TOO_MANY_CALLS; Error where the payload is larger than 16 KiB as JSON
   */
  addCall(call: Omit<OutgoingCall, 'number'>): void {
    const bytes = sizeOf([call]);
    if (bytes > mostCallBytes) {
      throw new Error(`${call.handler}: a call of ${bytes} bytes, and at most ${mostCallBytes} are stored`);
    }
    if (this.list.length >= mostOutgoing || this.bytes + bytes > mostBytes) {
      throw EntityErrors.TOO_MANY_CALLS({ details: { calls: this.list.length, bytes: this.bytes } });
    }
    this.newest = Math.max(this.newest + 1, call.n);
    this.list.push({ ...call, number: this.newest });
    this.bytes += bytes;
  }

  removeCalls(numbers: readonly number[]): void {
    this.bytes -= sizeOf(this.list.filter(({ number }) => numbers.includes(number)));
    this.list = this.list.filter(({ number }) => !numbers.includes(number));
  }

  toRecord(): Pick<Checkpoint, 'calls' | 'lastCall'> {
    return {
      ...(this.list.length > 0 && { calls: this.list }),
      ...(this.newest > 0 && { lastCall: this.newest }),
    };
  }
}

const sizeOf = (calls: readonly Pick<OutgoingCall, 'd'>[]): number =>
  calls.reduce((sum, { d }) => sum + Buffer.byteLength(JSON.stringify(d ?? null)), 0);
