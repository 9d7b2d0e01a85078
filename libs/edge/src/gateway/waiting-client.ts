import { once } from 'node:events';
import { RpcError } from '@ccgame/rpc';
import type { Socket } from 'socket.io';

/** After a word from the client its open connection is believed for so long, ms. */
const believedMs = 500;
/** A busy client may need so long to answer a ping, ms. */
const pongTimeoutMs = 2_000;

interface EngineConnection extends NodeJS.EventEmitter {
  readyState: string;
  sendPacket(type: 'ping'): void;
}

/** The client of a handshake: whether it still waits for the answer. */
export class WaitingClient {
  private readonly connection: EngineConnection;
  private heardAt = performance.now();

  constructor({ conn }: Socket) {
    this.connection = conn as unknown as EngineConnection;
  }

  get isOpen(): boolean {
    return this.connection.readyState === 'open';
  }

  /**
   * After a delay an open connection proves nothing, as the other end of it may be gone: the client is asked by a ping.
   *
   * @param isTakeover it is asked in any case, as it may have left for the connection that has the session
   */
  async isThere(isTakeover: boolean): Promise<boolean> {
    const isBelieved = !isTakeover && performance.now() - this.heardAt < believedMs;
    if (!this.isOpen || isBelieved) return this.isOpen;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const timer = setTimeout(end, pongTimeoutMs);
    this.connection.once('close', end);
    const answered = once(this.connection, 'heartbeat', { signal: ended.signal });
    this.connection.sendPacket('ping');
    const isThere = await answered.then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    this.connection.off('close', end);
    if (isThere) this.heardAt = performance.now();
    return isThere && this.isOpen;
  }
}

/** @throws RpcError GONE: its connection has ended */
export function assertOpen({ conn }: Pick<Socket, 'conn'>): void {
  if (conn.readyState !== 'open') throw new RpcError('GONE');
}
