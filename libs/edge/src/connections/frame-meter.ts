import type { Socket as NetSocket } from 'node:net';
import type { WebSocket } from 'ws';
import { FairShare } from '../limits/fair-share.js';
import type { ConnectionBudget } from './connection-budget.js';
import { FrameScanner } from './frame-scanner.js';
import { type PlainMessage, readPlainMessage } from './plain-message.js';
import { ownBytes, shareReads } from './shared-reads.js';

type OnData = (this: NetSocket, chunk: Buffer) => void;

interface MeteredConnection {
  /** The budget is used up for good. */
  cutOff(): void;
  receivePong(): void;
  /** An answer that was asked for by a ping. False: none is missing. */
  takePong(): boolean;
  /** Whether messages are taken here, in place of socket.io. */
  readonly takesMessages: boolean;
  receiveMessage(message: PlainMessage): void;
}

/** Bytes of a client's frame with one byte: its header, the mask, the byte. Source: RFC 6455, 5.2. */
const pongLength = 7;
const finalText = 0x81;
const maskedOne = 0x81;
/** engine.io's packet `pong`. */
const pong = 0x33;
/** The `readyState` of an open WebSocket. */
const wsOpen = 1;

/** So many connections that have used their share of a turn read on in the next one: twenty floods must not take twenty shares. */
const readersPerTurn = 1;
const readOnInTurn = new FairShare(undefined, readersPerTurn);

/**
 * Stands between a connection and its WebSocket: nothing is decoded that the connection's budget doesn't pay for. The rest stays
 * in the network, where it holds up nobody else.
 */
export class FrameMeter {
  private readonly scanner = new FrameScanner();
  private readonly decode: OnData;
  /** Whether the client has sent anything but answers to pings, since this was set to false. */
  hasFrames = false;
  private isStopped = false;
  private isBetweenMessages = true;
  /** engine.io listens a little later: what came together with the handshake waits for it. */
  private isWaiting = true;
  /** socket.io has got something in this turn, and hands it on at the turn's end: what comes later must not overtake it. */
  private isBehind = false;

  /** To be made in the turn in which the WebSocket began to listen to the socket. */
  constructor(
    private readonly socket: NetSocket,
    private readonly webSocket: WebSocket,
    private readonly budget: ConnectionBudget,
    private readonly connection: MeteredConnection,
  ) {
    const [decode] = socket.listeners('data') as OnData[];
    if (!decode) throw new Error('The WebSocket does not listen to its socket');
    this.decode = decode;
    socket.off('data', decode);
    const readChunk = (chunk: Buffer): void => this.receiveChunk(chunk);
    socket.on('data', readChunk);
    shareReads(socket, readChunk);
    setImmediate(() => this.goOn());
    // ws decodes what is left when a connection ends.
    socket.prependListener('close', () => {
      if (this.isStopped) socket.read();
    });
  }

  /** Decodes nothing more. */
  stop(): void {
    this.isStopped = true;
    this.socket.pause();
  }

  private receiveChunk(chunk: Buffer): void {
    if (this.isStopped) return void this.socket.pause();
    const { budget, scanner } = this;
    if (this.isWaiting) return this.holdBack(chunk);
    // Most of what idle players send: one answer to each ping costs them nothing, and this process next to nothing.
    if (this.isBetweenMessages && isPongFrame(chunk) && this.connection.takePong()) return;
    budget.spendChunk();
    let decoded = 0;
    let scanned = 0;
    let pace = budget.pace();
    while (pace === 'go' && scanned < chunk.length) {
      const start = scanned;
      const { frames, controls } = scanner;
      const isBetween = scanner.isBetweenFrames && !scanner.isWithinMessage;
      scanned = scanner.scanFrame(chunk, start);
      budget.spendFrames(scanner.frames - frames, scanned - start, scanner.controls - controls);
      this.hasFrames ||= scanner.frames > frames;
      if (
        isBetween &&
        decoded === start &&
        scanner.isBetweenFrames &&
        this.readFrame(chunk, start, scanned)
      ) {
        decoded = scanned;
        if (this.isStopped) return;
      }
      pace = budget.pace();
    }
    this.isBetweenMessages = scanner.isBetweenFrames && !scanner.isWithinMessage;
    if (pace === 'over') return this.cutOff();
    if (decoded < scanned) this.leaveToWebSocket(chunk.subarray(decoded, scanned));
    if (pace === 'go') budget.beginTurn();
    else this.waitFor(pace, chunk.subarray(scanned));
  }

  /** Reads by itself the two frames that most clients send most of the time. False: it is another one. */
  private readFrame(chunk: Buffer, from: number, to: number): boolean {
    if (this.webSocket.readyState !== wsOpen) return false;
    const frame = from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
    if (isPongFrame(frame)) {
      this.connection.receivePong();
      return true;
    }
    if (this.isBehind || !this.connection.takesMessages) return false;
    const message = readPlainMessage(frame);
    if (message) this.connection.receiveMessage(message);
    return message !== undefined;
  }

  private leaveToWebSocket(bytes: Buffer): void {
    this.isBehind = true;
    this.decode.call(this.socket, ownBytes(bytes));
    process.nextTick(() => (this.isBehind = false));
  }

  private waitFor(pace: 'turn' | number, rest: Buffer): void {
    if (this.isStopped) return;
    this.isWaiting = true;
    this.holdBack(rest);
    const goOn = (): void => readOnInTurn.takeTurn(() => this.goOn());
    if (pace === 'turn') setImmediate(goOn);
    else setTimeout(goOn, pace).unref();
  }

  private holdBack(rest: Buffer): void {
    this.socket.pause();
    if (rest.length > 0) this.socket.unshift(ownBytes(rest));
  }

  private goOn(): void {
    this.isWaiting = false;
    this.budget.beginTurn();
    // Others stop the reading as well: the session's fair share, and a session that was closed.
    if (!this.isStopped && !this.webSocket.isPaused) this.socket.resume();
  }

  private cutOff(): void {
    this.stop();
    this.connection.cutOff();
  }
}

function isPongFrame(chunk: Buffer): boolean {
  if (chunk.length !== pongLength || chunk[0] !== finalText || chunk[1] !== maskedOne) return false;
  return ((chunk[2] ?? 0) ^ (chunk[6] ?? 0)) === pong;
}
