import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { until } from './until.js';

/** A message of the client: `[event, argument]`. */
interface ClientEvent {
  event: string;
  message: Message;
  at: number;
}

export interface Message {
  route: string;
  data: unknown;
  timestamp: number;
}

export interface Handshake {
  token?: unknown;
  version?: unknown;
  protocol?: unknown;
  instance?: unknown;
  resume?: { session?: unknown; position?: unknown; moving?: unknown };
}

export interface Opened {
  session?: string;
  position?: number;
  recovered?: boolean;
  notRecovered?: string;
  version?: string;
  tokenExpiresInMs?: number;
  retryPolicies?: Record<string, string>;
}

/**
 * One connection of the client, as a case plays the server of it. Frames are written by hand: engine.io 4 (`0` open, `2` ping, `3` pong, `4`
 * message) with socket.io 5 in its messages (`0` CONNECT, `1` DISCONNECT, `2` EVENT, `4` CONNECT_ERROR).
 */
export class ScriptedSocket {
  readonly events: ClientEvent[] = [];
  readonly openedAt = Date.now();
  handshakeAt = 0;
  handshakes: Handshake[] = [];
  pongs = 0;
  isClosed = false;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly connection: Duplex,
    /** The address that the client asked for. */
    readonly path: string,
    { pingInterval, pingTimeout, pings }: { pingInterval: number; pingTimeout: number; pings: boolean },
  ) {
    const timer = setInterval(() => pings && this.ping(), pingInterval);
    webSocket.on('message', (data: Buffer) => this.receiveFrame(data.toString()));
    webSocket.on('close', () => {
      this.isClosed = true;
      clearInterval(timer);
    });
    webSocket.on('error', () => undefined);
    const open = { sid: 'e', upgrades: [], pingInterval, pingTimeout, maxPayload: 65_536 };
    this.sendRaw(`0${JSON.stringify(open)}`);
  }

  /** The auth of the client's CONNECT. */
  async handshake(): Promise<Handshake> {
    await until('the client sends CONNECT', () => this.handshakes.length > 0 || this.isClosed);
    if (!this.handshakes[0]) throw new Error('The client left without CONNECT');
    return this.handshakes[0];
  }

  /** Waits for the CONNECT, and welcomes the client. */
  async welcome(opened: Opened = {}): Promise<this> {
    await this.handshake();
    this.sendRaw('40{"sid":"s"}');
    this.openSession(opened);
    return this;
  }

  openSession(opened: Opened = {}): void {
    this.push('session.opened', {
      session: 'first',
      position: 100,
      recovered: false,
      serverId: 'connector-0',
      version: '1.0.0000',
      retryPolicies: {},
      ...opened,
    });
  }

  /** Waits for the CONNECT, and refuses it. The client may read why before the connection ends. */
  async refuse(code: string, more: object = {}): Promise<void> {
    await this.handshake();
    const data = { code, retryable: false, ...more };
    this.sendRaw(`44${JSON.stringify({ message: code, data })}`);
    setTimeout(() => this.cut(), 1_000).unref();
  }

  push(route: string, data: unknown, position?: number): void {
    this.emit('Push', { route, data, ...(position !== undefined && { position }) });
  }

  emit(event: string, argument: unknown): void {
    this.sendRaw(`42${JSON.stringify([event, argument])}`);
  }

  /** The session ends, as a connector ends it. */
  async close(code: string, how: { reconnect: boolean; retryAfterMs?: number }): Promise<void> {
    this.push('session.closed', { code, ...how });
    if (!how.reconnect) this.sendRaw('41');
    // Messages are to be read in the order in which they were sent.
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.webSocket.close();
  }

  sendRaw(frame: string): void {
    this.webSocket.send(frame);
  }

  ping(): void {
    this.sendRaw('2');
  }

  /** The messages of `send` leave in one piece, as one chunk of the network. */
  sendTogether(send: () => void): void {
    this.connection.cork();
    send();
    this.connection.uncork();
  }

  /** Ends the connection after all that was sent. */
  end(): void {
    this.webSocket.close();
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.webSocket.terminate();
  }

  /** The messages of one event and route. */
  messages(route: string, event = 'Request'): Message[] {
    return this.events
      .filter((one) => one.event === event && one.message.route === route)
      .map(({ message }) => message);
  }

  async message(route: string, event = 'Request'): Promise<Message> {
    await until(`the client sends the ${event} ${route}`, () => this.messages(route, event).length > 0);
    return this.messages(route, event)[0];
  }

  answer({ route, timestamp }: Message, data: unknown): void {
    this.emit('Response', { route, timestamp, data });
  }

  answerError({ route, timestamp }: Message, error: object): void {
    this.emit('Response', { route, timestamp, error: { message: 'no', retryable: false, ...error } });
  }

  /** A frame that is no JSON ends the connection, as it does at a connector. */
  private receiveFrame(frame: string): void {
    try {
      this.readFrame(frame);
    } catch {
      this.cut();
    }
  }

  private readFrame(frame: string): void {
    if (frame === '3') this.pongs += 1;
    else if (frame.startsWith('40')) {
      this.handshakes.push(JSON.parse(frame.slice(2) || '{}') as Handshake);
      this.handshakeAt = Date.now();
    } else if (frame.startsWith('42')) {
      const [event, message] = JSON.parse(frame.slice(frame.indexOf('['))) as [string, Message];
      this.events.push({ event, message, at: Date.now() });
    }
  }
}
