import type { Server as HttpServer } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ReadingBudget } from '../limits/reading-budget.js';
import { metrics } from '../metrics.js';
import type { AddressBudget } from './address-budgets.js';
import { ConnectionBudget } from './connection-budget.js';
import { FrameMeter } from './frame-meter.js';
import type { Pinged } from './heartbeats.js';
import type { PlainMessage } from './plain-message.js';
import { writeNow } from './write-now.js';

/** From the first byte to the token, without the time in the server's line, ms. */
const tokenTimeoutMs = 5_000;
/** A client that is cut off or was refused has so long to read why, ms. */
const goodbyeMs = 1_000;
/** A connection beyond its address' rate ends after so long, ms: a flooder has so many connections, and opens no more meanwhile. */
const refusedMs = 500;
/** Pings of a client that has so much still to read are not answered, bytes. */
const unreadBytes = 64 * 1024;
/** WebSocket's close code for "policy violation". Source: RFC 6455, 7.4.1. */
const policyViolation = 1008;

/** engine.io's packet `ping` as a WebSocket text frame. Source: the engine.io protocol 4; RFC 6455, 5.2. */
const pingFrame = Buffer.from([0x81, 1, 0x32]);

/** A handshake that waits longer than that is pinged as a session is, ms: its client ends after seven seconds without a ping. */
const undisturbedMs = 2_000;

const ignore = (): void => undefined;

/** The part of engine.io's socket that is used here. */
export interface EngineConnection extends NodeJS.EventEmitter {
  readyState: string;
  pingIntervalTimer: NodeJS.Timeout | null;
  onClose(reason: string): void;
}

/** A session that takes its messages as they come from the connection. */
export interface MessageReader {
  /** socket.io still knows its socket. */
  readonly isReading: boolean;
  receiveMessage(message: PlainMessage): void;
  /** The position that the client is to hear of with a ping, as frames. */
  takePosition(): Buffer | undefined;
}

/** One connection from anywhere, from its first byte to its end. */
export class Connection implements Pinged {
  /** Known as soon as the client's address is. */
  address?: AddressBudget;
  readonly budget = new ConnectionBudget();
  private timer?: NodeJS.Timeout;
  /** How long its client may still take to show a token, ms, and since when, by `performance.now()`. */
  private tokenIn = { leftMs: tokenTimeoutMs, since: performance.now() };
  private rest?: Buffer;
  private webSocket?: WebSocket;
  private meter?: FrameMeter;
  private engine?: EngineConnection;
  /** By `performance.now()`. */
  private carriesSince = 0;
  private isGone = false;
  private hasPonged = true;
  /** A client that sends something else instead of an answer is given time once more. */
  private wasExcused = false;
  private hasAsked = false;
  private onAbuse?: () => void;
  private reader?: MessageReader;

  constructor(private readonly socket: NetSocket) {
    this.awaitToken();
    socket.on('error', ignore);
  }

  get isOpen(): boolean {
    return this.engine ? !this.isGone && this.engine.readyState !== 'closed' : !this.socket.destroyed;
  }

  /** Waits for its turn, which takes nothing of its client's time. @returns to be called when that has come */
  waitInLine(): () => void {
    clearTimeout(this.timer);
    this.tokenIn.leftMs -= performance.now() - this.tokenIn.since;
    return () => this.awaitToken();
  }

  private awaitToken(): void {
    this.tokenIn.since = performance.now();
    this.timer = setTimeout(() => this.refuse('no-token'), this.tokenIn.leftMs).unref();
  }

  /** Counts for an address from now on. False: it has too many connections. */
  enterAddress(address: AddressBudget): boolean {
    if (this.socket.destroyed || !address.enter()) return false;
    this.address = address;
    return true;
  }

  /** Answers its one request, and ends. @param refused the reason, where it is a refusal @param isLong more came than that request: its client comes back later */
  answer(text: string, refused?: string, isLong = false): void {
    if (refused) metrics.refused.inc({ reason: refused });
    this.socket.end(text, () => isLong || this.socket.destroySoon());
    if (isLong) this.endSoon(refusedMs);
  }

  /** Lets HTTP read its one request. @param rest comes after it: no HTTP, but the WebSocket's */
  giveTo(http: HttpServer, request: Buffer, rest: Buffer): void {
    this.rest = rest;
    this.giveRequest(http, request);
  }

  /** Lets HTTP read and answer one request that wants no WebSocket. Returns the socket that the request comes on. */
  giveRequest(http: HttpServer, request: Buffer): NetSocket {
    this.socket.unshift(request);
    http.emit('connection', this.socket);
    this.socket.resume();
    return this.socket;
  }

  /** In the place of the time that a token has to be shown in, ms: one request of long-polling and its answer. */
  limitPoll(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refuse('slow-poll'), ms).unref();
  }

  /** HTTP has read its request. */
  giveBackRest(): void {
    if (this.rest?.length) this.socket.unshift(this.rest);
    this.rest = undefined;
  }

  /** It has become a WebSocket in this turn: its frames are paid for from now on. */
  upgrade(webSocket: WebSocket): void {
    this.webSocket = webSocket;
    this.meter = new FrameMeter(this.socket, webSocket, this.budget, this);
    // Frames against the protocol, a message that is too large or in too many pieces: ws ends it.
    webSocket.on('error', () => this.address?.spendOffence('abuse'));
    webSocket.on('ping', (data) => {
      if (webSocket.bufferedAmount < unreadBytes) webSocket.pong(data);
    });
  }

  /** engine.io speaks over it from now on, whose own timers are not needed: see `Heartbeats`. */
  carryEngine(engine: EngineConnection): void {
    this.engine = engine;
    this.carriesSince = performance.now();
    // engine.io leaves its listener for errors before there is a transport.
    const early = this.webSocket?.listeners('error').find(({ name }) => name === 'onUpgradeError');
    if (early) this.webSocket?.off('error', early as () => void);
    clearTimeout(engine.pingIntervalTimer ?? undefined);
    engine.pingIntervalTimer = null;
  }

  get takesMessages(): boolean {
    return this.reader?.isReading === true && this.engine?.readyState === 'open';
  }

  receiveMessage(message: PlainMessage): void {
    this.reader?.receiveMessage(message);
  }

  sendPing(): void {
    // Whether a waiting client is there is found by the answer to a ping of its own (`WaitingClient`): there shall be no other.
    if (!this.onAbuse && performance.now() - this.carriesSince < undisturbedMs) {
      this.hasPonged = true;
      return;
    }
    this.hasPonged = false;
    if (this.meter) this.meter.hasFrames = false;
    // One that is closing has as long to end.
    if (this.engine?.readyState !== 'open') return;
    const position = this.reader?.takePosition();
    writeNow(this.socket, position ? Buffer.concat([position, pingFrame]) : pingFrame);
  }

  takePong(): boolean {
    if (this.hasPonged || this.engine?.readyState !== 'open') return false;
    this.receivePong();
    return true;
  }

  receivePong(): void {
    if (this.engine?.readyState !== 'open') return;
    this.hasPonged = true;
    this.wasExcused = false;
    this.engine.emit('heartbeat');
  }

  checkAnswer(): boolean {
    if (this.hasPonged) return true;
    const isExcused = this.meter?.hasFrames === true && !this.wasExcused;
    this.wasExcused = isExcused;
    return isExcused;
  }

  endSilent(): void {
    this.engine?.onClose('ping timeout');
  }

  /** Its one handshake. False: it had that already. */
  beginHandshake(): boolean {
    clearTimeout(this.timer);
    this.timer = undefined;
    const isFirst = !this.hasAsked;
    this.hasAsked = true;
    return isFirst;
  }

  /**
   * @param onAbuse ends the session: it says why to the player, and is called once
   * @param reader takes the plain messages, which don't go through socket.io
   * @param reading its player's budget
   */
  openSession(onAbuse: () => void, reader: MessageReader, reading: ReadingBudget): void {
    this.budget.openSession(reading);
    this.onAbuse = onAbuse;
    this.reader = reader;
  }

  /** Its handshake was refused: it may read why, and ends. @param isBadToken counts against the address */
  refuseHandshake(isBadToken: boolean): void {
    if (isBadToken) this.address?.spendOffence('badToken');
    this.endSoon();
  }

  /** Ends at once. */
  refuse(reason: string): void {
    metrics.refused.inc({ reason });
    this.socket.destroy();
  }

  /** Reads nothing more and ends later, as the next connection of such a client comes as soon as this one ends. */
  refuseLater(reason: string): void {
    metrics.refused.inc({ reason });
    this.socket.pause();
    this.endSoon(refusedMs);
  }

  /** Reads nothing more, and says why it ends. */
  cutOff(): void {
    this.meter?.stop();
    this.address?.spendOffence('abuse');
    if (this.onAbuse) return this.onAbuse();
    metrics.refused.inc({ reason: 'abuse' });
    this.webSocket?.close(policyViolation, 'ABUSE');
    this.endSoon();
  }

  private endSoon(ms = goodbyeMs): void {
    setTimeout(() => this.socket.destroy(), ms).unref();
  }

  /** The connection is gone. */
  leaveAddress(): void {
    this.isGone = true;
    clearTimeout(this.timer);
    if (this.address) this.address.connections -= 1;
  }
}
