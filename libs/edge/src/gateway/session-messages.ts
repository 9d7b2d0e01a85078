import type { MessageReader } from '../connections/connection.js';
import type { PlainMessage } from '../connections/plain-message.js';
import type { EventDispatcher } from './event-dispatcher.js';
import type { PlayerSession } from './player-session.js';

/** Hands a session's events to the dispatcher, a fair share of them in a turn, whichever way they came. */
export class SessionMessages implements MessageReader {
  constructor(
    private readonly session: PlayerSession,
    private readonly events: EventDispatcher,
  ) {}

  /** From socket.io's welcome until its goodbye. */
  get isReading(): boolean {
    return this.session.socket.connected;
  }

  takePosition(): Buffer | undefined {
    return this.session.takePosition();
  }

  receiveMessage({ event, data }: PlainMessage): void {
    this.receiveEvent(event, [data]);
  }

  /** Takes an event that came through socket.io, which tells its `onAny` of one behind the goodbye too. */
  receiveEvent(event: unknown, args: unknown[]): void {
    const { session, events } = this;
    if (!this.isReading) return;
    session.share.takeTurn(() => events.receiveEvent(session, event, args));
  }
}
