import { noteRetry, noteSetAside } from '@ccgame/nats';
import { isPermanent, RpcError } from '@ccgame/rpc';
import { within } from '@ccgame/rpc/basics';
import type { SeenSession } from '../claims/seen-session.js';
import { eventsBetween, type SessionEvent } from './session-event.js';
import type { Told } from './told-sessions.js';

/** An event that one server of a type is told. */
export interface SharedSessionEvent extends SessionEvent {
  /** The same where an event is told again: its server was killed before that was stored, or the handler failed. */
  id: string;
}

/**
 * A game's code for the events of all players. One that throws is called again, for an hour; INVALID, TOO_LARGE and FORBIDDEN end that. One that has
 * not ended within an hour is not waited for any more.
 */
export type SharedSessionHandler = (event: SharedSessionEvent) => void | Promise<void>;

/** The things that a teller needs of its owner. */
export interface TellerParts {
  handle: SharedSessionHandler;
  readTold(playerId: string): Promise<Told>;
  writeTold(playerId: string, told: Told): Promise<Told | undefined>;
  /** For one of few players at a time. */
  takeTurn<T>(work: () => Promise<T>): Promise<T>;
  /** There is nothing more to tell of the player, until a record is written again. */
  forget(playerId: string): void;
}

/** A record that is not found may be behind in a replica; whether a connector lives is known after two questions, ms. */
const doubtMs = 3_000;
const retryMs = { first: 500, most: 30_000 };
/** An event whose handler throws, or has not ended, is set aside after so long, ms: those behind it wait. */
const triedForMs = 3_600_000;

interface Failure {
  /** By `performance.now()`. */
  since: number;
  isSetAside: boolean;
}

/** Tells one player's events one after the other, and writes down what was told behind each of them. */
export class PlayerTeller {
  private now: SeenSession | undefined;
  private isAtWork = false;
  private work: Promise<void> = Promise.resolve();
  private wake?: () => void;
  private isEnded = false;
  /** By id of an event that is told now. */
  private failures?: Map<string, Failure>;

  constructor(
    private readonly playerId: string,
    private told: Told,
    private readonly parts: TellerParts,
  ) {}

  /** The player's session is like that by now. */
  noteSeen(seen: SeenSession | undefined): void {
    this.now = seen;
    this.wake?.();
    if (this.isAtWork || this.isEnded) return;
    this.isAtWork = true;
    this.work = this.tellAll();
  }

  /** Nothing more is told; resolves when the handler that is at work has ended. */
  async stopTelling(): Promise<void> {
    this.isEnded = true;
    this.wake?.();
    await this.work;
  }

  private async tellAll(): Promise<void> {
    for (let pauseMs = retryMs.first; !this.isEnded;) {
      if (this.isDoubtful() && (await this.changesWithin(doubtMs))) continue;
      const { now } = this;
      const events = eventsBetween(this.playerId, this.told.seen, now);
      if (events.length === 0) {
        this.failures = undefined;
        break;
      }
      if (await this.parts.takeTurn(() => this.tellEvents(events, now))) pauseMs = retryMs.first;
      else {
        await this.changesWithin(pauseMs);
        pauseMs = Math.min(pauseMs * 2, retryMs.most);
      }
    }
    this.isAtWork = false;
    if (!this.isEnded && !this.now) this.parts.forget(this.playerId);
  }

  /** Whether a look by itself is not to be believed: see {@link doubtMs}. */
  private isDoubtful(): boolean {
    const { now, told } = this;
    // The record of a connector that has died says that the player is connected, until another one writes.
    return (
      !now || (told.seen?.why === 'connector-gone' && now.isConnected && now.socket === told.seen.socket)
    );
  }

  /** True: the session is another than before, or this is to end. */
  private async changesWithin(ms: number): Promise<boolean> {
    let isWoken = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        isWoken = true;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
    return isWoken;
  }

  /** False: to be tried again, after what others have told by then. */
  private async tellEvents(events: SessionEvent[], now: SeenSession | undefined): Promise<boolean> {
    try {
      if (this.isEnded || (await this.isToldElsewhere())) return true;
      const { seen, revision } = this.told;
      for (const event of events) {
        if (this.isEnded) return false;
        await this.tellEvent({ ...event, id: `${event.session}:${revision}:${event.kind}` });
      }
      const outcome = now ?? (seen && { ...seen, isConnected: false, isOver: true });
      const written = await this.parts.writeTold(this.playerId, { seen: outcome, revision });
      this.told = written ?? (await this.parts.readTold(this.playerId));
      if (this.told.revision !== revision) this.failures = undefined;
      return written !== undefined;
    } catch (error) {
      noteRetry('session-events', error);
      return false;
    }
  }

  /** @throws what the handler throws, where the event is to be told again */
  private async tellEvent(event: SharedSessionEvent): Promise<void> {
    const { id, kind, playerId } = event;
    const failed = this.failures?.get(id);
    if (failed?.isSetAside) return;
    const since = failed?.since ?? performance.now();
    const setAside = (error: unknown): void => {
      this.noteFailure(id, { since, isSetAside: true });
      noteSetAside('session-events', error, { id, kind, playerId });
    };
    try {
      const hasEnded = await within(
        triedForMs,
        async () => {
          await this.parts.handle(event);
          return true;
        },
        () => false,
      );
      if (!hasEnded) setAside(new RpcError('TIMEOUT'));
    } catch (error) {
      // Anything can be thrown: not by `instanceof`, which asks a proxy.
      if (performance.now() - since >= triedForMs || isPermanent(error)) return setAside(error);
      this.noteFailure(id, { since, isSetAside: false });
      throw error;
    }
  }

  private noteFailure(id: string, failure: Failure): void {
    this.failures ??= new Map();
    this.failures.set(id, failure);
  }

  /** This server may have been frozen or cut off since it read what was told: another one had the player then, and told more. */
  private async isToldElsewhere(): Promise<boolean> {
    const standing = await this.parts.readTold(this.playerId);
    if (standing.revision <= this.told.revision) return false;
    this.told = standing;
    this.failures = undefined;
    return true;
  }
}
