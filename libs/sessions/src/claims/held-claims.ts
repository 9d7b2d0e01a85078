import { type DirectReader, type KeyValueBucket, NotRead, untilWritten } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import { changeValues, type ValueChanges } from '../data/session-values.js';
import { orBusy } from '../or-busy.js';
import type { ConnectorLease } from './connector-lease.js';
import { type Displacement, displacementOf, type HeldClaim, recordOf } from './session-record.js';
import { readRecords } from './read-records.js';
import { keptForSeconds } from './session-releases.js';

/** A record that nobody ended lasts so long; its connector writes it again in good time. */
export const heldForSeconds = 3_600;
const writeAgainMs = (heldForSeconds * 1_000) / 2;
/** No replica of NATS that answers is so long behind, ms. */
const lagMs = 5_000;

/** A session that this connector holds. */
export interface HeldSession {
  readonly playerId: string;
  readonly claim: HeldClaim;
}

/** Keeps the records of the sessions that this connector holds: see {@link SessionClaims}, which has the same methods. */
export class HeldClaims {
  constructor(
    private readonly bucket: KeyValueBucket,
    private readonly reader: DirectReader,
    private readonly lease: ConnectorLease,
  ) {}

  async findStale<T extends HeldSession>(sessions: readonly T[]): Promise<T[]> {
    const stored = await this.readRevisions(sessions.map(({ playerId }) => playerId)).catch(noneWhereGone);
    const writtenBefore = performance.now() - writeAgainMs;
    return sessions.filter(({ playerId, claim: { record, revision, writtenAt } }) => {
      const isThere = stored.get(playerId) === revision;
      return !isThere || record.lease !== this.lease.id || writtenAt < writtenBefore;
    });
  }

  async renewClaim(playerId: string, held: HeldClaim): Promise<Displacement | undefined> {
    let displaced: Displacement | undefined;
    await orBusy(() =>
      untilWritten(async () => {
        if (!held.record.isConnected) return true;
        const lease = this.lease.id;
        const value = JSON.stringify({ ...held.record, lease });
        const revision = await this.bucket.compareAndSet(playerId, value, held.revision, heldForSeconds);
        if (revision === undefined) displaced = await this.compareWithStored(playerId, held);
        else noteWritten(held, revision, lease);
        return revision !== undefined || displaced !== undefined;
      }),
    );
    return displaced;
  }

  async changeData(playerId: string, held: HeldClaim, changes: ValueChanges): Promise<void> {
    await orBusy(() =>
      untilWritten(async () => {
        const data = changeValues(held.record.data, changes);
        const lease = this.lease.id;
        const value = JSON.stringify({ ...held.record, lease, data });
        const seconds = held.record.isConnected ? heldForSeconds : keptForSeconds;
        const revision = await this.bucket.compareAndSet(playerId, value, held.revision, seconds);
        if (revision === undefined) {
          if (await this.compareWithStored(playerId, held)) throw new RpcError('MOVED');
          return false;
        }
        noteWritten(held, revision, lease);
        held.record.data = data;
        return true;
      }),
    );
  }

  /** Undefined: it is still ours. */
  private async compareWithStored(playerId: string, held: HeldClaim): Promise<Displacement | undefined> {
    const entry = await this.bucket.get(playerId);
    // A replica that is behind may have the socket yet that the session was claimed from. Later it is a bucket that was made anew.
    const isFresh = performance.now() - held.claimedAt < lagMs;
    if (isFresh && entry && entry.revision < held.fence) return undefined;
    const current = recordOf(entry);
    if (current && current.socket !== held.record.socket) return displacementOf(held.record, current);
    // A replica that is behind. Later NATS has lost its last writes.
    const isNew = performance.now() - held.writtenAt < lagMs;
    if (isNew && entry && entry.revision < held.revision) return undefined;
    // The bucket lost it, or an ack was lost, or this connector was taken for dead: the next write goes on from what stands there.
    held.revision = entry?.revision ?? 0;
    if (current) held.record.data = current.data;
    return undefined;
  }

  /** By player; one whose record is not there is left out. @throws NotRead */
  private async readRevisions(playerIds: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    await readRecords(this.reader, playerIds, (playerId, { seq, data }) => {
      if (data.length > 0) found.set(playerId, seq);
    });
    return found;
  }
}

function noteWritten(held: HeldClaim, revision: number, lease: string): void {
  held.record.lease = lease;
  held.revision = revision;
  held.writtenAt = performance.now();
}

/** The bucket is made anew at once. */
function noneWhereGone(error: unknown): Map<string, number> {
  if (error instanceof NotRead && error.kind === 'gone') return new Map();
  throw error;
}
