import type { RoomChanged, RoomState } from '@ccgame/protocol';
import { applyChange } from './apply-change.js';
import { elapsedMs } from './clock.js';
import type { ClientError } from './errors.js';
import { waitOf } from './timer.js';

/** How a follower asks for a room's view, and tells of it. */
export interface ViewFollowerOptions {
  /** Asks the servers for the whole view, and the changes after it. @throws ClientError */
  ask(): Promise<unknown>;
  /** Calls `begin`, which asks, when the client may: at once, or when those who wait already have asked. */
  queue(begin: () => void): void;
  /** The view is another one by now. */
  changed(): void;
}

/** Between two questions, ms. */
const askEveryMs = 1_000;
/** Servers say something every 5 s; after so long without a word they are asked, ms. */
const silentMs = 12_000;
/** They pass, or are the client's own: the servers have not said that there is nothing to see. */
const passing = new Set(['TIMEOUT', 'CONNECTION_LOST', 'DUPLICATE', 'GONE', 'INTERNAL']);

/** A room's view as it comes: whole, then change by change, each once. */
export class ViewFollower {
  state?: object;
  /** `<server type>.<entity>.<id>` */
  room?: string;
  private stream = '';
  private n = 0;
  /** A change was missed, or nothing has come yet. */
  private isMissing = true;
  /** Nothing has come since it was asked for. */
  private isWaiting = true;
  private isAsking = false;
  /** There is nothing to see, until the servers say something else. */
  isRefused = false;
  private askedAt = -Infinity;
  /** The servers want no question before. */
  private mayAskAt = -Infinity;
  private heardAt = -Infinity;
  private isStopped = false;
  private timer?: ReturnType<typeof setTimeout>;

  constructor(private readonly options: ViewFollowerOptions) {
    this.startTimer();
  }

  /** The state as it came on this socket, where nothing of it is missing. */
  get whole(): RoomState | undefined {
    const { room, stream, n, state } = this;
    const isWhole = room !== undefined && state && !this.isMissing && !this.isWaiting;
    return isWhole ? { room, stream, n, state } : undefined;
  }

  /** A socket is new: it follows nothing yet. */
  beginOnSocket(): void {
    this.isWaiting = true;
    this.askForState();
  }

  receiveState({ room, stream, n, state }: RoomState): void {
    this.noteHeard();
    const isSeen = !this.isMissing && room === this.room && stream === this.stream && n <= this.n;
    if (isSeen) return;
    Object.assign(this, { room, stream, n, state });
    this.isMissing = false;
    this.options.changed();
  }

  receiveChange({ room, stream, n, change }: RoomChanged): void {
    // It is about the room that the player was in before.
    if (this.state && room !== this.room) return;
    this.noteHeard();
    const isSame = this.state !== undefined && !this.isMissing && stream === this.stream;
    if (isSame && n <= this.n) return;
    if (!isSame || n !== this.n + 1 || !change) return this.missChange();
    try {
      this.state = applyChange(this.state as object, change);
    } catch {
      return this.missChange();
    }
    this.n = n;
    this.options.changed();
  }

  /** There may be something to see by now. */
  expectState(): void {
    if (!this.isRefused) return;
    // Where it can't be asked now, as too many are, the timer asks.
    this.isRefused = false;
    this.askForState();
  }

  /** It has ended, or the player doesn't see it any more. */
  receiveEnd(room: string): void {
    if (room !== this.room || !this.state) return;
    this.isRefused = true;
    this.endView();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  /** Not setInterval: a platform need not have it. */
  private startTimer(): void {
    this.timer = setTimeout(() => {
      this.checkSilence();
      if (!this.isStopped) this.startTimer();
    }, askEveryMs);
  }

  private missChange(): void {
    this.isMissing = true;
    if (elapsedMs() - this.askedAt >= askEveryMs) this.askForState();
  }

  private endView(): void {
    if (!this.state) return;
    this.state = undefined;
    this.isMissing = true;
    this.options.changed();
  }

  private noteHeard(): void {
    this.heardAt = elapsedMs();
    this.isWaiting = false;
    this.isRefused = false;
  }

  private checkSilence(): void {
    if (this.isOwed) this.askForState();
  }

  /** The servers have something to say, as far as it is known here. */
  private get isOwed(): boolean {
    const isSilent = this.state !== undefined && elapsedMs() - this.heardAt > silentMs;
    return isSilent || ((this.isMissing || this.isWaiting) && !this.isRefused);
  }

  private askForState(): void {
    if (!this.isAsking && elapsedMs() >= this.mayAskAt) this.options.queue(this.askNow);
  }

  private readonly askNow = (): void => {
    // It may have come, or ended, while others asked.
    if (this.isAsking || this.isStopped || !this.isOwed) return;
    this.isAsking = true;
    this.askedAt = elapsedMs();
    this.options.ask().then(
      () => {
        this.isAsking = false;
        this.isRefused = false;
      },
      (error: ClientError) => {
        this.isAsking = false;
        this.mayAskAt = elapsedMs() + waitOf(error.retryAfterMs);
        this.isRefused = !error.retryable && !passing.has(error.code);
        // It ended, or was left, while nothing of it came here; but a player may have come into one since.
        if (this.isRefused && !this.isStopped && this.heardAt <= this.askedAt) this.endView();
      },
    );
  };
}
