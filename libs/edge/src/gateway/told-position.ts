import type { HandshakeResult } from './handshake.js';
import type { SocketWire } from './socket-wire.js';

/** After so many pings at which something still waited to be written, it waits behind that. */
const mostVainPings = 3;

/** How far a player's pushes have come, as the client is told from time to time: pushes alone would leave it behind the log's oldest. */
export class ToldPosition {
  /** The position of the last push that was sent. */
  private sentUpTo = 0;
  /** The client has not heard of that position yet. */
  private isDue = false;
  private vainPings = 0;

  constructor(
    private readonly wire: Pick<SocketWire, 'frameOf' | 'send'>,
    private readonly handshake: Pick<HandshakeResult, 'isSdk' | 'recovery'>,
  ) {}

  get current(): number {
    return this.sentUpTo;
  }

  /** The client knows of it: by a push, or as its session's first. */
  beginAt(position: number): void {
    this.sentUpTo = position;
    this.told();
  }

  /** All up to it was sent, or was none of this player's: the client is to hear of it. */
  noteDelivered(position: number): void {
    this.sentUpTo = position;
    this.isDue = this.handshake.isSdk || this.handshake.recovery !== undefined;
  }

  /**
   * Frames to be written now, with a ping, as a write of its own costs as much as that. A client that is never free, as one with a bad line
   * in a room, gets it as a push of its own in the end.
   */
  takeFrames(): Buffer | undefined {
    if (!this.isDue) return undefined;
    const [event, json] = this.packet();
    const frames = this.wire.frameOf(event, json);
    this.vainPings = frames ? 0 : this.vainPings + 1;
    const isOverdue = this.vainPings > mostVainPings;
    if (isOverdue) this.wire.send(event, json);
    if (frames || isOverdue) this.told();
    return frames;
  }

  private told(): void {
    this.isDue = false;
    this.vainPings = 0;
  }

  private packet(): [event: string, json: string] {
    const { sentUpTo: position } = this;
    if (!this.handshake.isSdk) return ['Position', `"${position}"`];
    return ['Push', `{"route":"session.position","data":{},"position":${position}}`];
  }
}
