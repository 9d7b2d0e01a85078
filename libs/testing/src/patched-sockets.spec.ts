import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import { io as connectSocket, type Socket as ClientSocket } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';
import { transportOf } from '../../client/src/transport.js';
import { forgetHandshake, forgetUpgrades, trimListeners } from '../../edge/src/gateway/forget-handshake.js';
import { SocketWire, sendTogether } from '../../edge/src/gateway/socket-wire.js';
import { nameRecovery } from '../../edge/src/gateway/state-recovery.js';
import { WaitingClient } from '../../edge/src/gateway/waiting-client.js';

// Each of these is a part of socket.io, engine.io or ws that the players' gateway or the SDK reaches into. A test that fails
// after an upgrade says which file has to follow; patched-dependencies.spec.ts holds their versions.

const http = createServer();
const io = new Server(http, { transports: ['websocket'] });
/** The listener that engine.io adds to a connection for its middlewares. */
let ofMiddlewares: unknown;
let netSocket: NetSocket;
let socket: Socket;
let client: ClientSocket;
let inside: EngineInside;

/** The parts of an engine.io connection that are used. */
interface EngineInside extends NodeJS.EventEmitter {
  writeBuffer: unknown[];
  transport: { writable: boolean; socket: WebSocket & { _sender: { sendFrame: unknown } } };
  pingIntervalTimer: NodeJS.Timeout | null;
  onClose(reason: string): void;
  sendPacket(type: string): void;
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  sendTogether(http, io);
  io.engine.use((request: IncomingMessage, _response: object, next: () => void) => {
    netSocket = request.socket;
    [ofMiddlewares] = netSocket.rawListeners('close').slice(-1);
    next();
  });
  forgetUpgrades(io);
  io.use((accepted, next) => {
    nameRecovery(accepted, 'session.1');
    next();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const accepted = once(io, 'connection');
  client = connectSocket(urlOf(portOf(http)), { transports: ['websocket'] });
  const connected = new Promise<void>((resolve) => client.once('connect', resolve));
  [socket] = (await accepted) as [Socket];
  inside = socket.conn as unknown as EngineInside;
  await connected;
});
afterAll(async () => {
  client.disconnect();
  await io.close();
});

describe('socket.io and engine.io have inside what is patched:', () => {
  it('transport.writable, writeBuffer, packetsFn and the network’s _socket, by which socket-wire.ts sends packets at the end of a turn, and wsPreEncodedFrame, by which long ones leave as one frame of text', async () => {
    const got: unknown[] = [];
    client.on('Push', (data: unknown) => got.push(data));
    const sendFrame = jest.spyOn(
      inside.transport.socket._sender as { sendFrame(frames: Buffer[]): void },
      'sendFrame',
    );
    const wire = new SocketWire(socket);
    wire.afterWelcome();
    wire.send('Push', '{"n":1}');
    wire.send('Push', '{"n":2}');
    expect(inside.writeBuffer).toHaveLength(2);
    while (got.length < 2) await once(client as never, 'Push');
    expect(got).toEqual([{ n: 1 }, { n: 2 }]);
    expect(sendFrame).not.toHaveBeenCalled();
    expect(inside.transport.writable).toBe(true);
    const long = 'x'.repeat(20_000);
    for (const number of [3, 4]) wire.send('Push', `{"n":${number},"long":"${long}"}`);
    while (got.length < 4) await once(client as never, 'Push');
    expect(sendFrame.mock.calls.map(([frames]) => frames.length)).toEqual([1]);
    expect(inside.transport.writable).toBe(true);
    expect(wire.pace).toBe('good');
  });

  it('sendPacket and the event `heartbeat`, by which waiting-client.ts asks whether a client is there', async () => {
    const waiting = new WaitingClient(socket);
    const ping = jest.spyOn(inside, 'sendPacket');
    await expect(waiting.isThere(true)).resolves.toBe(true);
    expect(ping).toHaveBeenCalledWith('ping');
  });

  it('pid of a socket, by which state-recovery.ts lets the welcome name the session', () => {
    expect((client as unknown as { _pid: string })._pid).toBe('session.1');
  });

  it('the listener of a WebSocketResponse, the last one that was added, which forget-handshake.ts takes away', () => {
    expect(typeof ofMiddlewares).toBe('function');
    expect(netSocket.rawListeners('close')).not.toContain(ofMiddlewares);
  });

  it('pingIntervalTimer, which connection.ts stops, and onUpgradeError, the listener that it takes away', () => {
    expect(inside.pingIntervalTimer).toHaveProperty('ref');
    const listeners = inside.transport.socket.listeners('error').map(({ name }) => name);
    expect(listeners).toContain('onUpgradeError');
  });

  it('the lists of listeners that forget-handshake.ts trims, which do as before', async () => {
    socket.onAny(() => undefined);
    const { client: ofServer } = socket as unknown as { client: { decoder: { _callbacks: object } } };
    const eventsOf = (emitter: object): unknown[] => Object.values(Reflect.get(emitter, '_events') as object);
    const lists = (): unknown[] => [
      Reflect.get(socket, '_anyListeners'),
      Reflect.get(inside, 'cleanupFn'),
      Reflect.get(ofServer.decoder._callbacks, '$decoded'),
      eventsOf(netSocket).find((listeners) => Array.isArray(listeners)),
    ];
    const before = lists();
    trimListeners(socket);
    expect(lists()).toEqual(before);
    expect(before.every((list) => Array.isArray(list))).toBe(true);
    expect(lists().some((list, at) => list === before[at])).toBe(false);
    const heard = new Promise((resolve) => socket.onAny((name) => resolve(name)));
    client.emit('trimmed');
    expect(await heard).toBe('trimmed');
  });

  it('request of a connection, which nothing reads after forgetHandshake, and onClose, by which connection.ts ends one that is silent', async () => {
    forgetHandshake(socket);
    const answer = new Promise((resolve) => socket.once('echo', resolve));
    client.emit('echo', 1);
    expect(await answer).toBe(1);
    const closed = once(inside, 'close');
    inside.onClose('ping timeout');
    expect((await closed)[0]).toBe('ping timeout');
  });

  it('onData of the polling transport, by which polled-session.ts counts packets before they are decoded, and writeBuffer', async () => {
    const engine = new Engine({ transports: ['polling'] });
    const server = createServer((request, response) => engine.handleRequest(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const opened = once(engine, 'connection');
      const url = `${urlOf(portOf(server))}/?EIO=4&transport=polling`;
      const [, sid] = /"sid":"([^"]+)"/.exec(await (await fetch(url)).text()) ?? [];
      const [polling] = (await opened) as [EngineSocket];
      const transport = polling.transport as unknown as { onData(body: string): void };
      const onData = jest.spyOn(transport, 'onData');
      await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '4hello' });
      expect(onData).toHaveBeenCalledWith('4hello');
      polling.send('waits for the next poll');
      expect((polling as unknown as EngineInside).writeBuffer).toHaveLength(1);
    } finally {
      engine.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('ws has inside what is patched:', () => {
  it('one listener for the data of its connection, in the turn of the upgrade, which frame-meter.ts stands before', async () => {
    const webSockets = new WebSocketServer({ noServer: true });
    const server = createServer();
    const listeners = new Promise<string[]>((resolve) =>
      server.on('upgrade', (request, connection, head) =>
        webSockets.handleUpgrade(request, connection, head, () =>
          resolve(connection.listeners('data').map(({ name }) => name)),
        ),
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webSocket = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
    try {
      await once(webSocket, 'open');
      expect(await listeners).toEqual(['socketOnData']);
    } finally {
      webSocket.terminate();
      webSockets.close();
      server.close();
    }
  });
});

describe('the client of socket.io has inside what is patched:', () => {
  it('createSocket of engine.io-client’s transports, which transport.ts overrides; and engine, of which link.ts hears open and close', async () => {
    const made: string[] = [];
    class Given extends WebSocket {
      constructor(url: string) {
        super(url);
        made.push(url);
      }
    }
    const transport = transportOf(
      { webSocket: Given },
      () => 1_000,
      () => undefined,
    );
    const other = connectSocket(urlOf(portOf(http)), { transports: [transport], autoConnect: false });
    other.connect();
    const heard: string[] = [];
    const { engine } = other.io;
    engine.once('open', () => heard.push('open'));
    const closed = new Promise<void>((resolve) => engine.once('close', () => resolve()));
    await new Promise<void>((resolve) => other.once('connect', resolve));
    expect(made).toHaveLength(1);
    expect(heard).toEqual(['open']);
    other.disconnect();
    await closed;
  });
});
