import type { SocketEnd } from '@ccgame/sessions';
import type { Socket } from 'socket.io';

/** How a session's socket ends, and who is told. */
export class SessionEnding {
  /** The socket was closed here, or is gone. */
  isOver = false;
  private closedWith?: string;
  /** A planned close: socket.io's client comes back by itself. */
  private mayReturn = false;
  private goneWith?: string;
  private gone: ((reason: string) => void)[] = [];

  constructor(private readonly socket: Pick<Socket, 'connected' | 'conn' | 'disconnect'>) {}

  /** @param how left out: the socket went by itself, or was closed before */
  begin(how?: { code: string; mayReturn: boolean }): void {
    this.isOver = true;
    if (!how) return;
    this.closedWith = how.code;
    this.mayReturn = how.mayReturn;
  }

  /** The socket is gone. */
  get isGone(): boolean {
    return this.goneWith !== undefined;
  }

  /** Calls the listener once, when the socket is gone; at once where it is. Returns what ends that. */
  whenGone(listener: (reason: string) => void): () => void {
    if (this.goneWith !== undefined) listener(this.goneWith);
    // Exactly as long as it has to be: a list that is pushed to, or made by `...`, has places for 17.
    else this.gone = this.gone.concat(listener);
    return () => (this.gone = this.gone.filter((one) => one !== listener));
  }

  /**
   * Before socket.io has welcomed the player this waits for that, as the client reads nothing earlier.
   *
   * A client that is disconnected by name ("io server disconnect") stays away for good; one whose transport ends comes back.
   */
  hangUp(): void {
    if (!this.socket.connected) return;
    if (this.mayReturn) this.socket.conn.close();
    else this.socket.disconnect(true);
  }

  /** How the socket ended, for the session's record. */
  endOf(reason: string): SocketEnd {
    const isOver = this.closedWith !== undefined && !this.mayReturn;
    return { why: this.closedWith ?? reason, ...(isOver && { isOver }) };
  }

  tellGone(reason: string): void {
    const { gone } = this;
    this.gone = [];
    this.goneWith ??= this.closedWith ?? reason;
    for (const listener of gone) listener(this.goneWith);
  }
}
