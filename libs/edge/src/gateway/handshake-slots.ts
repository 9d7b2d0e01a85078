import { Injectable } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';

/** More would all be slow. */
const mostAtWork = 1_000;
const retryMs = 500;

/** The handshakes of this connector: so many are worked on at once, and of one player one at a time. */
@Injectable()
export class HandshakeSlots {
  /** Those that wait for their clients too. */
  underWay = 0;
  private atWork = 0;
  private readonly players = new Set<string>();

  /** @throws RpcError BUSY */
  async takeSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.atWork >= mostAtWork) throw busy();
    this.underWay += 1;
    this.atWork += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      this.atWork -= 1;
    }
  }

  /** Gives the slot to others meanwhile: a client's answer costs nothing to wait for, and may never come. */
  async whileWaiting<T>(wait: () => Promise<T>): Promise<T> {
    this.atWork -= 1;
    try {
      return await wait();
    } finally {
      this.atWork += 1;
    }
  }

  /** One token must not be worth more than one handshake. @throws RpcError BUSY while another one of the player is under way */
  async takeTurn<T>(playerId: string, work: () => Promise<T>): Promise<T> {
    if (this.players.has(playerId)) throw busy();
    this.players.add(playerId);
    try {
      return await work();
    } finally {
      this.players.delete(playerId);
    }
  }
}

/** A client that is told so comes back by itself. */
export function busy(): RpcError {
  return new RpcError('BUSY', { retryAfterMs: retryMs * (0.5 + Math.random()) });
}
