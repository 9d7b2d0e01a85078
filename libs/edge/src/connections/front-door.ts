import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type ListenOptions, type Socket as NetSocket } from 'node:net';
import type { AddressBudget, AddressBudgets } from './address-budgets.js';
import type { ClientAddresses } from '@ccgame/server';
import { FairShare } from '../limits/fair-share.js';
import { Connection } from './connection.js';
import { answer, answerTo } from './plain-http.js';
import { readProxyHeader } from './proxy-header.js';
import { readHead } from './read-head.js';
import { queryOf, type RequestHead } from './request-head.js';

/** The part of long-polling that the front door hands requests to. */
export interface PollingRequests {
  takes(head: RequestHead): boolean;
  receivePoll(connection: Connection, head: RequestHead, bytes: Buffer): void;
}

/** The rules by which the front door lets a connection in. */
export interface FrontDoorRules {
  addresses: ClientAddresses;
  budgets: AddressBudgets;
  /** A trusted proxy begins each connection with a header of the PROXY protocol. */
  hasProxyHeader?: boolean;
  /** Pages from which browsers may connect; undefined: from all. A client that is no browser names none, and may. */
  origins?: string[];
  /** Takes the requests of long-polling, where that is on. */
  polling?: PollingRequests;
  /** Asked at each request. */
  isStopping: () => boolean;
}

/**
 * Takes every connection, and gives on to HTTP only the one request that wants a WebSocket. Node's own HTTP server would parse
 * thousands of requests that come in one chunk before anything could stop it.
 */
export class FrontDoor {
  private readonly connections = new Map<NetSocket, Connection>();
  private readonly server = createServer({ noDelay: true }, (socket) => this.receiveSocket(socket));

  constructor(
    private readonly http: HttpServer,
    private readonly rules: FrontDoorRules,
  ) {
    http.prependListener('upgrade', (_request, socket: NetSocket) =>
      this.connectionOf(socket).giveBackRest(),
    );
    // A request that Node's HTTP takes for anything else than a WebSocket only pretended to be one.
    http.prependListener('request', ({ socket }) => socket.destroy());
  }

  async listen(options: ListenOptions): Promise<void> {
    this.server.listen(options);
    await once(this.server, 'listening');
  }

  close(): void {
    this.server.close();
    for (const socket of this.connections.keys()) socket.destroy();
    this.rules.budgets.close();
  }

  /** A WebSocket that comes from within, for an address that was admitted already. */
  receiveInner(socket: NetSocket, address: AddressBudget): Connection {
    const connection = new Connection(socket);
    this.addConnection(socket, connection);
    if (!connection.enterAddress(address)) connection.refuse('connections');
    else
      readHead(socket, (head, bytes) => {
        if (!head?.isUpgrade) return connection.refuse('head');
        queueUp(connection, 'webSocket', () => this.openWebSocket(connection, head, bytes));
      });
    return connection;
  }

  /** @throws Error for a socket that did not come in here */
  connectionOf(socket: NetSocket): Connection {
    const connection = this.connections.get(socket);
    if (!connection) throw new Error('The socket did not come in by the front door');
    return connection;
  }

  private receiveSocket(socket: NetSocket): void {
    const peer = socket.remoteAddress;
    const connection = new Connection(socket);
    if (peer === undefined) return connection.refuse('gone');
    this.addConnection(socket, connection);
    const { addresses, hasProxyHeader } = this.rules;
    if (!hasProxyHeader || addresses.addressOfPeer(peer))
      return this.receiveRequest(socket, connection, peer);
    readProxyHeader(socket, (header) => {
      if (!header) return connection.refuse('proxy-header');
      this.receiveRequest(socket, connection, header.source ?? peer);
    });
  }

  /** @param peer the address that the connection comes from */
  private receiveRequest(socket: NetSocket, connection: Connection, peer: string): void {
    const { addresses, budgets } = this.rules;
    const address = addresses.addressOfPeer(peer);
    if (address && !connection.enterAddress(budgets.budgetOf(address)))
      return connection.refuse('connections');
    readHead(socket, (head, bytes) => {
      if (!head) return connection.refuse('head');
      const behind = address ?? addresses.addressBehind(peer, head);
      if (!address && !connection.enterAddress(budgets.budgetOf(behind)))
        return connection.refuse('connections');
      const isLong = bytes.length > head.length;
      queueUp(connection, this.kindOf(head), () => this.admitRequest(connection, head, bytes), isLong);
    });
  }

  private addConnection(socket: NetSocket, connection: Connection): void {
    this.connections.set(socket, connection);
    socket.on('close', () => {
      this.connections.delete(socket);
      connection.leaveAddress();
    });
  }

  private admitRequest(connection: Connection, head: RequestHead, bytes: Buffer): void {
    const { isStopping, origins, polling } = this.rules;
    const { origin } = head.headers;
    const kind = this.kindOf(head);
    if (kind === 'plainHttp')
      return connection.answer(answerTo(head, isStopping()), undefined, bytes.length > head.length);
    if (origin !== undefined && origins && !origins.includes('*') && !origins.includes(origin)) {
      return connection.answer(answer('403 Forbidden', 'This origin may not connect\n'), 'origin');
    }
    if (kind === 'polling') return polling?.receivePoll(connection, head, bytes);
    // engine.io would take it for a second transport of a client that has one.
    if (queryOf(head.path).has('sid')) return connection.answer(answer('400 Bad Request', 'No sid\n'), 'sid');
    this.openWebSocket(connection, head, bytes);
  }

  private openWebSocket(connection: Connection, head: RequestHead, bytes: Buffer): void {
    connection.giveTo(this.http, bytes.subarray(0, head.length), bytes.subarray(head.length));
  }

  private kindOf(head: RequestHead): RequestKind {
    if (head.isUpgrade) return 'webSocket';
    return this.rules.polling?.takes(head) ? 'polling' : 'plainHttp';
  }
}

type RequestKind = 'webSocket' | 'plainHttp' | 'polling';

/**
 * New connections in one turn of the event loop: each is most of a millisecond, and twenty that come at once must not hold up the players
 * who are there.
 */
const admittedPerTurn = 1;
const admissions = new FairShare(undefined, admittedPerTurn);
/** Plain HTTP has a line of its own: a balancer's health check must not wait behind the players who come. */
const plainAnswers = new FairShare(undefined, admittedPerTurn);

/** New connections of one address come in turn. */
function queueUp(connection: Connection, kind: RequestKind, admit: () => void, isLong = false): void {
  const waitMs = connection.address?.queueUp(kind, isLong);
  if (waitMs === undefined) connection.refuseLater('rate');
  else {
    const line = kind === 'plainHttp' ? plainAnswers : admissions;
    const goOn = connection.waitInLine();
    const admitInTurn = (): void =>
      line.takeTurn(() => {
        if (!connection.isOpen) return false;
        goOn();
        admit();
      });
    if (waitMs === 0) admitInTurn();
    else setTimeout(admitInTurn, waitMs).unref();
  }
}
