import { type KeyValueBucket, waitForReplica } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { UnfinishedWrites } from '../unfinished-writes.js';
import { type HeldClaim, recordOf, type SocketEnd } from './session-record.js';

/** After the socket is gone: as long as the push log keeps, since nobody can resume after that. */
export const keptForSeconds = 60;
const attempts = 8;
/** No write without an answer is stored so late, and no replica that answers is so long behind, ms. */
const lateMs = 10_000;

/** A socket that is gone, whose record may still say that its player is connected. */
export interface Release {
  playerId: string;
  socket: string;
  end?: SocketEnd;
  /** Left out: a claim whose answer was lost, so that nobody knows whether it was written. */
  held?: HeldClaim;
}

/**
 * Writes down that sockets are gone. It keeps what NATS does not take, being away, and repeats it: others take a player for connected
 * until then, and a session that was closed for good could be gone on with.
 */
export class SessionReleases {
  private readonly unfinished: UnfinishedWrites;

  /** @param repeatForMs by then the records have run out */
  constructor(
    private readonly bucket: KeyValueBucket,
    health: NatsHealth,
    repeatForMs: number,
  ) {
    this.unfinished = new UnfinishedWrites(health, repeatForMs);
  }

  get areDone(): boolean {
    return this.unfinished.areDone;
  }

  /** Resolves when it was written, is another socket's, or is kept for later. */
  release(release: Release): Promise<void> {
    const since = performance.now();
    return this.unfinished.finish(release.socket, () => this.tryRelease(release, since));
  }

  close(): void {
    this.unfinished.close();
  }

  /** False: NATS is away, or the replicas that were asked are behind. */
  private async tryRelease(release: Release, since: number): Promise<boolean> {
    try {
      if (await this.writeHeld(release)) return true;
      // A replica that is behind may not have the record yet.
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        await waitForReplica(attempt);
        if (await this.leave(release)) return true;
      }
      // Nothing is there to be let go of: the claim was never stored, or its record was lost.
      return performance.now() - since > lateMs;
    } catch {
      return false;
    }
  }

  private async writeHeld({ playerId, held, end }: Release): Promise<boolean> {
    if (!held) return false;
    const value = JSON.stringify({ ...held.record, isConnected: false, ...end });
    return (await this.bucket.compareAndSet(playerId, value, held.revision, keptForSeconds)) !== undefined;
  }

  /** Lets go of a record that names this socket; whatever else stands there stays. False: it may be written only after this look. */
  private async leave({ playerId, socket, held, end }: Release): Promise<boolean> {
    const entry = await this.bucket.get(playerId);
    const record = recordOf(entry);
    if (!entry || record?.socket !== socket)
      return entry !== undefined && held !== undefined && entry.revision > held.fence;
    if (!record.isConnected) return true;
    const value = JSON.stringify({ ...record, isConnected: false, ...end });
    return (await this.bucket.compareAndSet(playerId, value, entry.revision, keptForSeconds)) !== undefined;
  }
}
