import type { ResumeFrom } from '@ccgame/protocol';
import type { Address } from './address.js';
import { answerMs, backoffMs, handshakeMs, hurriedAnswerMs, hurryMs } from './backoff.js';
import { elapsedMs } from './clock.js';
import { ClientError } from './errors.js';
import { Link, type LinkEvents } from './link.js';
import { Nap } from './nap.js';
import { type Platform, whenOnlineOf } from './platform.js';
import { waitOf } from './timer.js';
import type { PlayerToken } from './token.js';

/** The client, as the opener of its sockets sees it. */
export interface OpenerClient {
  resume(): Omit<ResumeFrom, 'moving'> | undefined;
  /** There is a socket still; this one is to take over. */
  isMoving(): boolean;
  failed(error: ClientError): void;
  gaveUp(error: ClientError): void;
}

/** A socket that ended sooner counts as a failed try: whatever ended it may end the next one too, and all players at once, ms. */
const steadyMs = 10_000;

/**
 * After each eight tries at which nobody answers, http is asked where to go: a version may have lost all of its connectors, and its players be given
 * another one since. Not sooner: where connectors die, thousands would come there at once (decision 049).
 */
const asksAnew = (failures: number): boolean => failures % 8 === 7;

/** So often in a row may the servers refuse a token that was fetched anew. */
const maxTokenRefusals = 3;

/** Opens the next socket, and tries for ever. At most one try runs at a time. */
export class Opener {
  private isRunning = false;
  private isStopped = false;
  /** The newest run's number: a run that was ended does nothing more. */
  private run = 0;
  /** Failed tries of the run so far. */
  private failures = 0;
  /** The newest try's; none before the run's first. */
  private link?: Link;
  /** Asked for while the last try ends, whose socket is open already: how long to wait before the next one, ms. */
  private nextAfterMs?: number;
  private tokenRefusals = 0;
  /** When the last socket opened, by `elapsedMs`. */
  private openedAt = -Infinity;
  /** Sockets in a row that ended soon. */
  private shortLives = 0;
  /** The last one that opened. */
  private lastLink?: Link;
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
  /** The session's socket was lost since the last wait began: so long its server asks to wait, ms. */
  private lostAfterMs?: number;
  /** The session's socket fell silent, and none was tried since. */
  private isInHurry = false;
  /** The servers can't read where the session is to go on: it begins anew, with a gap. */
  private isResumeRefused = false;

  constructor(
    private readonly address: Address,
    private readonly token: PlayerToken,
    private readonly events: LinkEvents,
    private readonly platform: Platform & { polling?: boolean },
    private readonly client: OpenerClient,
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

  /** The session has no socket any more: a move that waits for its next try is urgent now. */
  socketLost(afterMs: number, fellSilent = false): void {
    this.isInHurry = fellSilent;
    const isWaiting = this.isRunning && !this.link?.session;
    if (!isWaiting) return this.start(afterMs);
    this.countLife();
    this.failures = 0;
    this.lostAfterMs = afterMs;
    this.backoff.wake();
  }

  /** Ends what it is at; it may start again. */
  cancel(): void {
    this.run += 1;
    this.isRunning = false;
    this.nextAfterMs = undefined;
    // Else that of a session that goes on elsewhere.
    if (!this.link?.session) this.link?.close();
    this.nap.wake();
    this.backoff.wake();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
    this.stopListening();
  }

  private async openUntilDone(afterMs: number): Promise<void> {
    const run = ++this.run;
    this.cameOnline = false;
    this.lostAfterMs = undefined;
    this.failures = 0;
    if (this.isBreak) this.countLife();
    for (let askedMs = afterMs; ; this.failures += 1) {
      await this.waitForTurn(askedMs, run);
      if (run !== this.run) return;
      const error = await this.tryOnce(run);
      if (run !== this.run) return;
      if (!error) break;
      askedMs = waitOf(error.retryAfterMs);
    }
    this.isRunning = false;
    const { nextAfterMs } = this;
    this.nextAfterMs = undefined;
    if (nextAfterMs !== undefined) this.start(nextAfterMs);
  }

  /** After a break everybody comes at once; players who are to move were told so in small batches. */
  private get isBreak(): boolean {
    return this.client.resume() !== undefined && !this.client.isMoving();
  }

  private countLife(): void {
    this.shortLives = elapsedMs() - this.openedAt < steadyMs ? this.shortLives + 1 : 0;
  }

  private async waitForTurn(askedMs: number, run: number): Promise<void> {
    // It may have been lost during the try before, too.
    const firstMs = Math.max(askedMs, this.lostAfterMs ?? 0);
    for (let ms: number | undefined = firstMs; ms !== undefined; ms = this.lostAfterMs) {
      this.lostAfterMs = undefined;
      await this.nap.takeNap(ms);
      if (run !== this.run) return;
      if (!this.cameOnline) await this.backoff.takeNap(this.ownWaitMs(ms));
      if (run !== this.run) return;
    }
    this.cameOnline = false;
  }

  private ownWaitMs(askedMs: number): number {
    if (this.failures > 0) return Math.max(0, backoffMs(this.shortLives + this.failures) - askedMs);
    return this.isBreak ? backoffMs(Math.max(0, this.shortLives - 1)) : 0;
  }

  private async tryOnce(run: number): Promise<ClientError | undefined> {
    const { isPolling } = this;
    try {
      const token = await this.token.fetchToken(this.tokenRefusals > 0 ? 'refused' : 'connect');
      const url = await this.address.findAddress(token);
      if (run !== this.run) return undefined;
      const resume = this.isResumeRefused ? undefined : this.client.resume();
      const auth = {
        token,
        protocol: 1 as const,
        ...(this.address.version && { version: this.address.version }),
        instance: this.instance,
        ...(resume && { resume: this.client.isMoving() ? { ...resume, moving: true } : resume }),
      };
      const facts = this.address.facts;
      const newLink = (): Link =>
        (this.link = new Link(url, auth, facts, { ...this.platform, isPolling }, this.events));
      const link = await this.openLink(newLink, run);
      this.openedAt = elapsedMs();
      this.lastLink = link;
      this.webSocketsComeThrough ||= !isPolling;
      this.tokenRefusals = 0;
      this.isResumeRefused = false;
      return undefined;
    } catch (caught) {
      // The network's failures are ClientErrors where they happen. Anything else is a mistake, and stays one.
      const error = caught instanceof ClientError ? caught : new ClientError('DEFECT', {}, caught);
      if (run !== this.run) return error;
      this.link = undefined;
      this.judgeFailure(error);
      return error;
    }
  }

  /** One try; or, for a session that lasted and fell silent, as many short ones in a row as a lost machine may take. */
  private async openLink(newLink: () => Link, run: number): Promise<Link> {
    const { failures } = this;
    const usualAnswerMs = this.lastLink?.answeredAfterMs;
    const hurriesUntil = this.isInHurry && this.shortLives < 2 ? elapsedMs() + hurryMs : 0;
    const isOver = (): boolean => run !== this.run || elapsedMs() >= hurriesUntil;
    this.isInHurry = false;
    for (let [tries, words] = [0, 0]; ; tries += 1) {
      const link = newLink();
      const answerWithinMs =
        hurriesUntil > 0
          ? hurriedAnswerMs(tries, usualAnswerMs)
          : answerMs(failures, usualAnswerMs, this.client.isMoving());
      try {
        await link.open(handshakeMs(failures), answerWithinMs);
        return link;
      } catch (error) {
        const isUnreachable = error instanceof ClientError && error.code === 'UNREACHABLE';
        if (!isUnreachable || isOver()) throw error;
        // A proxy that says that nobody is there is asked ever more rarely, as by any client.
        if (!link.fellSilent) await this.backoff.takeNap(backoffMs(++words));
        if (isOver()) throw error;
      }
    }
  }

  /** Decides whether another try can help. */
  private judgeFailure(error: ClientError): void {
    if (error.code === 'VERSION_GONE') this.address.forgetAnswer();
    else if (error.code === 'UNAUTHENTICATED' && !this.token.isFixed) {
      this.tokenRefusals += 1;
      if (this.tokenRefusals > maxTokenRefusals) return this.client.gaveUp(error);
    } else if (error.code === 'INVALID' && this.isBreak && !this.isResumeRefused) {
      this.isResumeRefused = true;
    } else if (!error.retryable) return this.client.gaveUp(error);
    if (error.code === 'UNREACHABLE' && asksAnew(this.failures)) this.address.refreshAnswer();
    if (error.code === 'UNREACHABLE' && this.platform.polling && !this.webSocketsComeThrough)
      this.isPolling = !this.isPolling;
    this.client.failed(error);
  }
}

/** Tells clients of one player apart: no secret, so that platforms without crypto can make it. */
function randomWord(): string {
  return Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
}
