import type { IncomingMessage } from 'node:http';
import type { Socket as EngineSocket } from 'engine.io';
import type { WebSocket } from 'ws';
import type { AddressBudget } from '../connections/address-budgets.js';
import type { ConnectionBudget } from '../connections/connection-budget.js';
import { metrics } from '../metrics.js';

/** The headers of the client's poll that its inner WebSocket passes on. */
export type WebSocketHeaders = Record<string, string | string[]>;

/** A WebSocket to the front door, and the budget of its connection there: the player's, once the token was found good. */
export interface InnerSocket {
  webSocket: WebSocket;
  budget: ConnectionBudget;
}

/** @param path of the request, `/socket.io/?EIO=4&transport=websocket` */
export type OpenWebSocket = (path: string, headers: WebSocketHeaders) => InnerSocket;

/** Packets that wait for the client's next poll; more stay in the connector's own buffers, which know what is too much. */
const maxWaiting = 64;
/** Bytes that the client has sent and the connector not taken; above them the client is cut off. */
const maxUntakenBytes = 256 * 1024;
/** Between the packets of one body. Source: the engine.io protocol 4. */
const separator = '\x1e';
/** Headers of one hop, and those that make the WebSocket. */
const ofOneHop =
  /^(connection|upgrade|host|keep-alive|transfer-encoding|content-.*|sec-websocket-.*|expect|te|trailer)$/;

/** `1764435600.25`: how python-socketio writes the `t` that every poll has; other libraries make a word of it. */
const timeOfPython = /^\d+\.\d+$/;

/** A client has so long to poll for why it was closed, ms. */
const goodbyeMs = 10_000;

/** The part of engine.io's polling session that is no part of its public interface. */
interface PolledClient {
  writeBuffer: unknown[];
  pingIntervalTimer: NodeJS.Timeout | null;
  sendPacket(type: 'ping'): void;
}

/** Passes the messages of one polling session to a WebSocket and back, and the pings with them: only the client can say that it is there. */
export class PolledSession {
  private readonly webSocket: WebSocket;
  /** Sent by the client before the WebSocket was open. */
  private early?: string[] = [];
  /** A ping's answer is still to come. */
  private isAsked = false;
  private readonly client: PolledClient;
  private readonly budget: ConnectionBudget;

  constructor(
    private readonly polling: EngineSocket,
    request: IncomingMessage,
    private readonly address: AddressBudget,
    open: OpenWebSocket,
  ) {
    this.client = polling as unknown as PolledClient;
    const { webSocket, budget } = open(webSocketPath(request.url ?? ''), headersOf(request));
    this.webSocket = webSocket;
    this.budget = budget;
    this.payBeforeDecoding();
    polling.on('message', (data: unknown) => this.passOn(data));
    polling.on('drain', () => this.webSocket.resume());
    polling.on('heartbeat', () => this.answerPing());
    polling.on('close', () => this.webSocket.terminate());
    this.webSocket.on('message', (data) => this.receivePacket((data as Buffer).toString()));
    this.webSocket.on('error', () => undefined);
    this.webSocket.on('close', () => this.endSession());
  }

  /** A body of 64 KB can hold 32,000 packets, which engine.io would decode and answer at once. */
  private payBeforeDecoding(): void {
    const transport = this.polling.transport as unknown as { onData(body: string): void };
    const decode = transport.onData.bind(transport);
    transport.onData = (body) => {
      const packets = packetsIn(body);
      // The bytes, and a packet as a WebSocket has it, are paid for behind the front door, which holds them back.
      this.budget.spendFrames(packets - 1, 0);
      if (this.isTooMuch(packets)) this.cutOff();
      else decode(body);
      this.budget.beginTurn();
    };
  }

  /** Over the budget, a few packets are decoded all the same: the front door holds them back, as those of a WebSocket. */
  private isTooMuch(packets: number): boolean {
    const pace = this.budget.pace();
    return pace === 'over' || (typeof pace === 'number' && packets > maxWaiting);
  }

  private cutOff(): void {
    metrics.refused.inc({ reason: 'abuse' });
    this.address.spendOffence('abuse');
    this.polling.close(true);
  }

  private passOn(data: unknown): void {
    // No client of this protocol sends binary.
    if (typeof data !== 'string') return void this.polling.close(true);
    if (this.early) this.early.push(data);
    else this.webSocket.send(`4${data}`);
    if (this.webSocket.bufferedAmount > maxUntakenBytes || (this.early?.length ?? 0) > maxWaiting)
      this.polling.close(true);
  }

  /** Source: the engine.io protocol 4: `0` open, `2` ping, `4` message. */
  private receivePacket(packet: string): void {
    const type = packet[0];
    if (type === '2') this.passPing();
    else if (type === '0') this.sendEarly();
    else if (type === '4') {
      this.polling.send(packet.slice(1));
      if (this.client.writeBuffer.length > maxWaiting) this.webSocket.pause();
    }
  }

  private passPing(): void {
    // From now on engine.io's own pings are one too many.
    clearTimeout(this.client.pingIntervalTimer ?? undefined);
    this.client.pingIntervalTimer = null;
    this.isAsked = true;
    this.client.sendPacket('ping');
  }

  private answerPing(): void {
    if (this.isAsked) this.webSocket.send('3');
    this.isAsked = false;
  }

  /** Messages that were sent before go out with the next poll, which may never come. */
  private endSession(): void {
    this.polling.close();
    setTimeout(() => this.polling.close(true), goodbyeMs).unref();
  }

  private sendEarly(): void {
    const packets = this.early ?? [];
    this.early = undefined;
    for (const data of packets) this.webSocket.send(`4${data}`);
  }
}

function packetsIn(body: string): number {
  let packets = 1;
  for (let at = body.indexOf(separator); at !== -1; at = body.indexOf(separator, at + 1)) packets += 1;
  return packets;
}

/** With what the client said of itself. By a `t` the connector knows python-socketio: that of other libraries is left out. */
function webSocketPath(url: string): string {
  const query = new URLSearchParams(url.split('?')[1]);
  for (const name of ['sid', 'j', 'b64']) query.delete(name);
  if (!timeOfPython.test(query.get('t') ?? '')) query.delete('t');
  query.set('transport', 'websocket');
  return `/socket.io/?${query.toString()}`;
}

function headersOf({ headers }: IncomingMessage): WebSocketHeaders {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !ofOneHop.test(name));
  return Object.fromEntries(kept) as WebSocketHeaders;
}
