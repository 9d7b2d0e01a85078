import type { PushMessage, ResumeFrom, SessionOpened } from '@ccgame/protocol';
import type { SavedPosition } from './options.js';

/** Says whether a push is new. Pushes come in order on each socket, but two sockets may overlap while the client moves. */
export class PushInbox {
  private state?: Omit<ResumeFrom, 'moving'>;

  constructor(from?: Omit<ResumeFrom, 'moving'>) {
    this.state = from && { session: from.session, position: from.position };
  }

  /** The place from which the next socket resumes; undefined before the first one. */
  get position(): Omit<ResumeFrom, 'moving'> | undefined {
    return this.state && { ...this.state };
  }

  /** Takes what a new socket starts with. False: pushes before it may be missing. */
  openSession({ session, position, recovered }: SessionOpened): boolean {
    if (recovered && this.state && position <= this.state.position) {
      this.state.session = session;
      return true;
    }
    this.state = { session, position };
    return false;
  }

  /** True for a reliable push that was not seen yet, which it then counts as seen. */
  acceptPush({ position = 0 }: PushMessage): boolean {
    if (!this.state || position <= this.state.position) return false;
    this.state.position = position;
    return true;
  }
}

/** @param sent the id of the last message */
export function savedPosition(
  from: Omit<ResumeFrom, 'moving'> | undefined,
  sent: number,
): SavedPosition | undefined {
  return from && { ...from, sent };
}
