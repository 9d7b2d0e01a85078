import { createServer } from 'node:http';
import { takeVersionFromPath } from '@ccgame/config';
import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import type { AddressBudget } from '../connections/address-budgets.js';
import type { Connection } from '../connections/connection.js';
import { queryOf, type RequestHead } from '../connections/request-head.js';
import { type OpenWebSocket, PolledSession } from './polled-session.js';

/** The limits of long-polling; times in ms. */
export interface PollingRules {
  /** Bytes of one request's body. */
  maxMessageBytes: number;
  pingInterval: number;
  pingTimeout: number;
  /** Pages from which browsers may poll; undefined: from all. */
  origins?: string[];
}

/** One request and its answer, which is held for a ping's time at most, ms. */
const requestTimeoutMs = 15_000;

/**
 * HTTP long-polling, for players behind a proxy that blocks WebSockets. Each session of it is a WebSocket from here to the front door,
 * with the budgets and rules of all others: nothing behind the door knows of polling. A connection is read for one request alone.
 */
export class PollingDoor {
  private readonly http = createServer({ maxHeaderSize: 16 * 1024 });
  private readonly engine: Engine;
  private readonly connections = new WeakMap<object, Connection>();

  /** @param openWebSocket opens one to the front door, for the address that polls */
  constructor(rules: PollingRules, openWebSocket: (address: AddressBudget) => OpenWebSocket) {
    const { origins = ['*'], maxMessageBytes, pingInterval, pingTimeout } = rules;
    this.engine = new Engine({
      transports: ['polling'],
      allowUpgrades: false,
      maxHttpBufferSize: maxMessageBytes,
      pingInterval,
      pingTimeout,
      // The cookie that an Ingress finds the connector by goes to other origins with credentials alone.
      cors: { origin: origins.includes('*') ? true : origins, credentials: true },
    });
    this.http.on('request', (request, response) => {
      request.url = takeVersionFromPath(request);
      this.engine.handleRequest(request, response);
    });
    this.engine.on('connection', (polling: EngineSocket) => {
      const request = polling.request;
      const { address } = this.connections.get(request.socket) ?? {};
      if (address) new PolledSession(polling, request, address, openWebSocket(address));
      else polling.close(true);
    });
  }

  /** Whether a request polls, and how it has to come: its body of a told length. */
  takes({ method, path, headers }: RequestHead): boolean {
    const query = queryOf(path);
    // By `j` a page of ten years ago polls in scripts, from other origins too, and in another encoding.
    const isPolling = query.get('transport') === 'polling' && !query.has('j');
    if (!isPolling || !/^(\/v\/[^/?]+)?\/socket\.io\/\?/.test(path)) return false;
    return /^(GET|POST|OPTIONS)$/.test(method) && headers['transfer-encoding'] === undefined;
  }

  /** @param bytes those that have come, with the head */
  receivePoll(connection: Connection, head: RequestHead, bytes: Buffer): void {
    connection.limitPoll(requestTimeoutMs);
    this.connections.set(connection.giveRequest(this.http, oneRequest(head, bytes)), connection);
  }

  close(): void {
    this.engine.close();
  }
}

/** Node's HTTP takes no second request of a connection whose first one says that it is the last. */
function oneRequest({ method, path, headers, length }: RequestHead, bytes: Buffer): Buffer {
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const text = [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(text, 'latin1'), bytes.subarray(length)]);
}
