import type { ResumeFrom } from '@ccgame/protocol';
import type { Address } from './address.js';
import { answerMs, backoffMs, handshakeMs } from './backoff.js';
import { ClientError } from './errors.js';
import { Link, type LinkEvents } from './link.js';
import { Nap } from './nap.js';
import type { Token } from './options.js';
import { type Platform, whenOnlineOf } from './platform.js';
import { waitOf } from './timer.js';
import { tokenWithin } from './token.js';

/** The client, as the opener of its sockets sees it. */
export interface OpenerClient {
  resume(): Omit<ResumeFrom, 'moving'> | undefined;
  /** There is a socket still; this one is to take over. */
  isMoving(): boolean;
  failed(error: ClientError): void;
  gaveUp(error: ClientError): void;
}

/** A game's own login may hang: its answer is waited for so long. */
const tokenTimeoutMs = 15_000;

/** A socket that ended sooner counts as a failed try: whatever ended it may end the next one too, and all players at once, ms. */
const steadyMs = 10_000;

/** So often in a row may the servers refuse a token that was fetched anew. */
const maxTokenRefusals = 3;

/** Opens the next socket, and tries for ever. At most one try runs at a time. */
export class Opener {
  private isRunning = false;
  private isStopped = false;
  /** The newest try's; none before the run's first. */
  private link?: Link;
  /** Asked for while the last try ends, whose socket is open already: how long to wait before the next one, ms. */
  private nextAfterMs?: number;
  private tokenRefusals = 0;
  /** Epoch ms; when the last socket opened. */
  private openedAt = -Infinity;
  /** Sockets in a row that ended soon. */
  private shortLives = 0;
  /** How long the last connector took to answer, ms. */
  private usualAnswerMs?: number;
  /** Turn about, until one of them comes through. */
  private isPolling = false;
  private webSocketsComeThrough = false;
  /** New with each page: a duplicated tab has the same `resume`, but not this. */
  private readonly instance = randomWord();
  private readonly nap = new Nap();
  /** The part of a wait that no server asked for. */
  private readonly backoff = new Nap();
  private readonly stopListening: () => void;
  /** There is a network again since the run or its last wait began: the next one is left out. */
  private cameOnline = false;

  constructor(
    private readonly address: Address,
    private readonly token: Token,
    private readonly events: LinkEvents,
    private readonly client: OpenerClient,
    private readonly platform: Platform & { polling?: boolean } = {},
  ) {
    this.stopListening = whenOnlineOf(platform)(() => {
      this.cameOnline = true;
      this.backoff.wake();
    });
  }

  /** Opens another socket elsewhere while the first goes on. */
  moveSession(): void {
    this.address.refreshAnswer();
    this.start();
  }

  /** Does nothing while it is at it already. */
  start(afterMs = 0): void {
    if (this.isStopped) return;
    if (this.isRunning) {
      // A socket can open and end, or be told to move, within one chunk from the network: before `run` hears of it.
      if (this.link?.session) this.nextAfterMs = afterMs;
      return;
    }
    this.isRunning = true;
    this.link = undefined;
    void this.openUntilDone(afterMs);
  }

  stop(): void {
    this.isStopped = true;
    this.link?.close();
    this.stopListening();
    this.nap.wake();
    this.backoff.wake();
  }

  private async openUntilDone(afterMs: number): Promise<void> {
    this.cameOnline = false;
    // After a break everybody comes at once; players who are to move were told so in small batches.
    let askedMs = afterMs;
    const isBreak = this.client.resume() && !this.client.isMoving();
    if (isBreak) this.shortLives = Date.now() - this.openedAt < steadyMs ? this.shortLives + 1 : 0;
    let ownMs = isBreak ? backoffMs(Math.max(0, this.shortLives - 1)) : 0;
    for (let failures = 1; !this.isStopped; failures += 1) {
      await this.nap.takeNap(askedMs);
      if (!this.isStopped && !this.cameOnline) await this.backoff.takeNap(ownMs);
      this.cameOnline = false;
      if (this.isStopped) break;
      const error = await this.tryOnce(failures - 1);
      if (!error) break;
      askedMs = waitOf(error.retryAfterMs);
      ownMs = Math.max(0, backoffMs(this.shortLives + failures) - askedMs);
    }
    this.isRunning = false;
    const { nextAfterMs } = this;
    this.nextAfterMs = undefined;
    if (nextAfterMs !== undefined) this.start(nextAfterMs);
  }

  private async tryOnce(failures: number): Promise<ClientError | undefined> {
    const { isPolling } = this;
    try {
      const token = await tokenWithin(tokenTimeoutMs, () => this.freshToken());
      const url = await this.address.findAddress(token);
      if (this.isStopped) return undefined;
      const resume = this.client.resume();
      const auth = {
        token,
        protocol: 1 as const,
        ...(this.address.version && { version: this.address.version }),
        instance: this.instance,
        ...(resume && { resume: this.client.isMoving() ? { ...resume, moving: true } : resume }),
      };
      this.link = new Link(url, auth, this.address.facts, { ...this.platform, isPolling }, this.events);
      await this.link.open(handshakeMs(failures), answerMs(failures, this.usualAnswerMs));
      this.openedAt = Date.now();
      this.usualAnswerMs = this.link.answeredAfterMs;
      this.webSocketsComeThrough ||= !isPolling;
      this.tokenRefusals = 0;
      return undefined;
    } catch (caught) {
      // The network's failures are ClientErrors where they happen. Anything else is a mistake, and stays one.
      const error = caught instanceof ClientError ? caught : new ClientError('DEFECT', {}, caught);
      this.link = undefined;
      this.judgeFailure(error);
      return error;
    }
  }

  /** Decides whether another try can help. */
  private judgeFailure(error: ClientError): void {
    if (this.isStopped) return;
    if (error.code === 'VERSION_GONE') this.address.forgetAnswer();
    else if (error.code === 'UNAUTHENTICATED' && typeof this.token === 'function') {
      this.tokenRefusals += 1;
      if (this.tokenRefusals > maxTokenRefusals) return this.client.gaveUp(error);
    } else if (!error.retryable) return this.client.gaveUp(error);
    if (error.code === 'UNREACHABLE' && this.platform.polling && !this.webSocketsComeThrough)
      this.isPolling = !this.isPolling;
    this.client.failed(error);
  }

  private async freshToken(): Promise<string> {
    if (typeof this.token === 'string') return this.token;
    return this.token(this.tokenRefusals > 0 ? 'refused' : 'connect');
  }
}

/** Tells clients of one player apart: no secret, so that platforms without crypto can make it. */
function randomWord(): string {
  return Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
}
