import type { KeyValueBucket } from '@ccgame/jetstream';
import { waitForReplica } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { type HeldClaim, recordOf, type SocketEnd } from './session-record.js';

/** After the socket is gone: as long as the push log keeps, since nobody can resume after that. */
export const keptForSeconds = 60;
const attempts = 8;
const repeatEveryMs = 5_000;
/** By then the record has run out. */
const repeatForMs = 120_000;
/** More than one connector's players; the oldest records run out by themselves. */
const mostUnfinished = 20_000;
const atOnce = 100;

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
  /** By socket, and since when by `performance.now()`. */
  private readonly unfinished = new Map<string, { release: Release; since: number }>();
  private readonly unwatch: () => void;
  private timer?: NodeJS.Timeout;
  private isRepeating = false;
  private isClosed = false;

  constructor(
    private readonly bucket: KeyValueBucket,
    health: NatsHealth,
  ) {
    this.unwatch = health.onChange((connected) => connected && void this.repeatAll());
  }

  /** Resolves when it was written, is another socket's, or is kept for later. */
  async release(release: Release): Promise<void> {
    if (!(await this.tryRelease(release))) this.keep(release);
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    clearInterval(this.timer);
  }

  /** False: NATS is away. */
  private async tryRelease(release: Release): Promise<boolean> {
    try {
      if (await this.writeHeld(release)) return true;
      // A replica that is behind may not have the record yet.
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        await waitForReplica(attempt);
        if (await this.leave(release)) break;
      }
      return true;
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

  private keep(release: Release): void {
    if (this.isClosed) return;
    if (!this.unfinished.has(release.socket) && this.unfinished.size >= mostUnfinished) {
      for (const oldest of this.unfinished.keys()) {
        this.unfinished.delete(oldest);
        break;
      }
    }
    this.unfinished.set(release.socket, { release, since: performance.now() });
    this.timer ??= setInterval(() => void this.repeatAll(), repeatEveryMs).unref();
  }

  private async repeatAll(): Promise<void> {
    if (this.isRepeating) return;
    this.isRepeating = true;
    const all = [...this.unfinished.values()];
    for (let from = 0; from < all.length && !this.isClosed; from += atOnce) {
      const done = await Promise.all(all.slice(from, from + atOnce).map((one) => this.repeat(one)));
      // NATS is away, for the others too.
      if (done.includes(false)) break;
    }
    this.isRepeating = false;
    if (this.unfinished.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async repeat({ release, since }: { release: Release; since: number }): Promise<boolean> {
    const isOver = performance.now() - since > repeatForMs || (await this.tryRelease(release));
    if (isOver) this.unfinished.delete(release.socket);
    return isOver;
  }
}
