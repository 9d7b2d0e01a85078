import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { calmTime, untilHolds } from '@ccgame/testing';
import { AddressBudget, AddressBudgets } from './address-budgets.js';
import { ClientAddresses } from '@ccgame/server';
import { FrontDoor } from './front-door.js';

const header = 'PROXY TCP4 203.0.113.7 10.0.0.1 51000 80\r\n';

describe('the front door behind a balancer of layer 4', () => {
  let http: HttpServer;
  let door: FrontDoor;
  let budgets: AddressBudgets;
  const sockets: Socket[] = [];

  async function open(proxies: string[], rate = 10): Promise<void> {
    http = createServer();
    budgets = new AddressBudgets({ connections: 10, rate });
    const addresses = new ClientAddresses(proxies);
    door = new FrontDoor(http, { addresses, budgets, hasProxyHeader: true, isStopping: () => false });
    await door.listen({ port: 0, host: '127.0.0.1' });
  }
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    door.close();
  });

  /** Sends all, piece by piece. Returns what came back when the connection has ended. */
  async function send(...pieces: string[]): Promise<string> {
    const { port } = door['server'].address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (!socket.destroyed) await once(socket, 'close');
    return answer;
  }
  const spent = (key: string): number => 1 - budgets.budgetOf({ key, isProxy: false })['plainHttp'].level();
  const request = (more = ''): string => `GET / HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

  it('counts a connection for the address of the header, not for what the player writes in the request', async () => {
    await open(['loopback']);
    const forged = request('X-Forwarded-For: 198.51.100.9\r\n');
    expect(await send(header + forged)).toContain('200 OK');
    expect(await send(header.slice(0, 9), header.slice(9) + forged.slice(0, 7), forged.slice(7))).toContain(
      '200',
    );
    expect(spent('203.0.113.7')).toBeGreaterThan(0);
    expect(spent('198.51.100.9')).toBe(0);
  });

  it('refuses a connection of the balancer without the header', async () => {
    await open(['loopback']);
    expect(await send(request())).toBe('');
  });

  it('answers the balancer’s own health check', async () => {
    await open(['loopback']);
    expect(await send(`PROXY UNKNOWN\r\n${request()}`)).toContain('200 OK');
  });

  it('believes the header of no other peer', async () => {
    await open(['10.0.0.0/8']);
    expect(await send(header + request())).not.toContain('200 OK');
    expect(await send(request())).toContain('200 OK');
    expect(spent('203.0.113.7')).toBe(0);
    expect(spent('127.0.0.1')).toBeGreaterThan(0);
  });

  it('answers one with more behind its head at once, and ends it later, as a flooder comes back at once', async () => {
    await open(['loopback'], 100);
    const { port } = door['server'].address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    const since = performance.now();
    socket.write(header + request() + request());
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
    await untilHolds(() => door['connections'].size === 0);
    expect(performance.now() - since).toBeGreaterThan(400);
  });

  it('lets one beyond its address’ rate wait for its end, as a flooder comes back at once', async () => {
    await open(['loopback']);
    const address = budgets.budgetOf({ key: '203.0.113.7', isProxy: false });
    while (address.queueUp('plainHttp') !== undefined);
    const since = performance.now();
    expect(await send(header + request())).toBe('');
    expect(performance.now() - since).toBeGreaterThan(400);
  });
});

describe('twenty connections that come at once', () => {
  const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  let http: HttpServer;
  let door: FrontDoor;

  beforeEach(async () => {
    http = createServer();
    door = new FrontDoor(http, {
      addresses: new ClientAddresses(false),
      budgets: new AddressBudgets({ connections: 100, rate: 100 }),
      isStopping: () => false,
    });
    await door.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => door.close());

  /** Accepting them takes turns by itself. */
  async function connectAll(count: number): Promise<Socket[]> {
    const { port } = door['server'].address() as AddressInfo;
    const sockets = Array.from({ length: count }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    await untilHolds(() => door['connections'].size === count);
    return sockets;
  }

  it('are let in one by one, each in a turn of the event loop, so that the players who are there come in between', async () => {
    let turn = 0;
    const countTurns = (): void => {
      turn += 1;
      counting = setImmediate(countTurns);
    };
    let counting = setImmediate(countTurns);
    const admitted: number[] = [];
    http.on('upgrade', (_request, socket) => {
      admitted.push(turn);
      socket.destroy();
    });
    for (const socket of await connectAll(20)) socket.write(upgrade);
    await untilHolds(() => admitted.length === 20, { seen: () => admitted });
    clearImmediate(counting);
    expect(new Set(admitted).size).toBe(20);
  });

  it('have as long for their tokens as one alone: the time in the line is the server’s own', async () => {
    const admitted: Socket[] = [];
    http.on('upgrade', (_request, socket: Socket) => void admitted.push(socket));
    // A turn that comes as late as the token would have to.
    jest.spyOn(AddressBudget.prototype, 'queueUp').mockReturnValueOnce(5_500);
    const [player, silent] = (await connectAll(2)) as [Socket, Socket];
    player.resume();
    silent.resume();
    const since = performance.now();
    const calmMs = calmTime();
    player.write(upgrade);
    await once(silent, 'close');
    expect(calmMs()).toBeLessThan(5_500);
    await untilHolds(() => admitted.length === 1);
    await once(player, 'close');
    expect(performance.now() - since).toBeGreaterThan(10_000);
  });

  it('do not hold up a health check that comes behind them', async () => {
    let admitted = 0;
    let admittedBefore: number | undefined;
    http.on('upgrade', (_request, socket) => {
      admitted += 1;
      socket.destroy();
    });
    const players = await connectAll(21);
    const probe = players.pop()!;
    probe.once('data', () => (admittedBefore = admitted));
    for (const player of players) player.write(upgrade);
    probe.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await untilHolds(() => admitted === 20 && admittedBefore !== undefined);
    expect(admittedBefore).toBeLessThan(10);
  });
});
