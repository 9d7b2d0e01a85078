import { RpcError } from '@ccgame/rpc';
import type { Checkpoint, CallSource, HeardCall } from './records.js';

/** Senders whose last calls are remembered. */
export const mostSources = 2_048;
/** A try of a call lasts 5 s; so long after its sender has settled it, no copy of it comes, ms. */
const settledForMs = 15_000;
/** A sender that was killed before it could settle a call may come back after long, ms. */
const keptForMs = 7 * 86_400_000;

/** Three names, and two times, a number and a code. */
const mostCallBytes = 640;

/** The last call of each entity that calls this one: by its number a repeat is known, as the calls of one come in their order. */
export class HeardCalls {
  /** Those that called last are at the end. */
  private readonly bySource: Map<string, HeardCall>;

  constructor(record: Checkpoint['heard'] = []) {
    this.bySource = new Map(record);
  }

  /** @returns how the call was answered, where it was applied already */
  find({ from, number }: CallSource): Pick<HeardCall, 'code'> | undefined {
    const last = this.bySource.get(from);
    if (!last || number > last.number) return undefined;
    return { code: number === last.number ? last.code : undefined };
  }

  /**
   * A new sender waits for as long as there are too many whose calls may come again.
   *
   * @param now epoch ms @throws RpcError BUSY
   */
  assertRoomFor({ from }: CallSource, now: number): void {
    if (this.bySource.size < mostSources || this.bySource.has(from)) return;
    this.dropOld(now);
    if (this.bySource.size >= mostSources) throw new RpcError('BUSY', { retryAfterMs: 1_000 });
  }

  /** @param code of the error that it was answered */
  noteCall({ from, number }: CallSource, at: number, code?: string): void {
    this.bySource.delete(from);
    this.bySource.set(from, { number, at, ...(code !== undefined && { code }) });
    this.dropOld(at);
  }

  /** Its sender keeps the call no longer. */
  settleCall({ from, number }: CallSource, at: number): void {
    const last = this.bySource.get(from);
    if (last?.number === number) this.bySource.set(from, { ...last, settledAt: at });
  }

  /** Bytes that {@link toRecord} has at most as JSON. */
  get mostBytes(): number {
    return this.bySource.size * mostCallBytes;
  }

  toRecord(): Checkpoint['heard'] {
    return this.bySource.size === 0 ? undefined : [...this.bySource];
  }

  private dropOld(now: number): void {
    for (const [from, { at, settledAt = Infinity }] of this.bySource) {
      if (now - at > keptForMs || now - settledAt > settledForMs) this.bySource.delete(from);
    }
  }
}
