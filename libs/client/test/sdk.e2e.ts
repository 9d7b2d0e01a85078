import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { headers } from '@nats-io/nats-core';
import { connect as connectNats } from '@nats-io/transport-node';
import { WebSocketServer } from 'ws';
import { type Client } from '../src/client.js';
import { type ClientError } from '../src/errors.js';
import { connect } from '../src/connect.js';
import { type ConnectOptions, type TokenReason } from '../src/options.js';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { calmTime, PlayerNetwork, tokenOf } from '@ccgame/testing';
import type { Game } from '../../../game/src/contracts.js';
import { Cluster } from '../../edge/test/cluster.js';
import { LostNode } from './lost-node.js';

const join = 'matching.user_join_matching';
const leave = 'matching.user_leave_matching';

/** The SDK in Node against real connectors, through a network that breaks. */
describe('a client', () => {
  let cluster: Cluster;
  let network: PlayerNetwork;
  let clients: Client[] = [];
  /** The servers that a Service would choose from. */
  let isOpenFor: (ordinal: number) => boolean = () => true;
  /** Beside the other tests, as it waits for pings: ms until the player was back. */
  let lostNode: Promise<number>;

  beforeAll(async () => {
    cluster = await Cluster.start(2);
    let turn = 0;
    network = new PlayerNetwork({
      connector: () => {
        const ready = cluster.connectors.filter((one, at) => one?.process.isRunning && isOpenFor(at));
        return ready[turn++ % ready.length]?.port;
      },
    });
    network.version = '1.0.0000';
    await network.open();
    lostNode = loseNode();
    lostNode.catch(() => undefined);
  });
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
    isOpenFor = () => true;
  });
  afterAll(async () => {
    network.close();
    await cluster.stop();
  });

  function open(playerId: string, options: Partial<ConnectOptions> = {}): Client {
    const client = connect({ url: network.url, token: () => tokenOf(playerId), ...options });
    clients.push(client);
    return client;
  }

  async function until(check: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!check()) {
      if (Date.now() > deadline) throw new Error(`Not within 30 s: ${check.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** All that a player is pushed under `n`. */
  function listen(client: Client): number[] {
    const got: number[] = [];
    client.on('n' as never, (number: number) => got.push(number));
    return got;
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      ({ code }: ClientError) => code,
    );

  it('asks the connector itself, by the types of the game', async () => {
    const client = connect<Game>({ url: network.url, token: () => tokenOf('abe') });
    clients.push(client);
    const before = Date.now();
    const { now } = await client.request('connector.now', undefined);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
    expect(await codeOf(client.request('connector.now', { now: 1 } as never))).toBe('INVALID');
  });

  it('gets each push once and in order, and the answer to its request, though its network is cut', async () => {
    const client = open('anna');
    const got = listen(client);
    const states: string[] = [];
    client.on('state', (state) => states.push(state));
    await client.ready;
    const answer = client.request(join, { mode: 'slow-302' });
    for (let number = 0; number < 40; number += 1) {
      await cluster.push.toPlayer('anna', 'n', number);
      if (number % 15 === 5) network.cut(1);
    }
    await until(() => got.length >= 40);
    expect(got).toEqual(Array.from({ length: 40 }, (_, number) => number));
    expect(await answer).toMatchObject({ ticketId: 'slow-302' });
    expect(cluster.matching.joined.filter((mode) => mode === 'slow-302')).toHaveLength(1);
    expect(states).toContain('reconnecting');
  });

  it('tries again at once when a connector dies between two steps of the handshake', async () => {
    const dying = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    dying.on('connection', (socket) => socket.terminate());
    await once(dying, 'listening');
    const { port } = dying.address() as AddressInfo;
    const client = open('jon', { url: `http://127.0.0.1:${port}`, version: '1.0.0000' });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    await until(() => errors.length === 3);
    expect(errors).toEqual(['UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE']);
    dying.close();
  });

  /** The player's connection hangs without a word, and the Ingress sends the next two tries to the same machine. */
  async function loseNode(): Promise<number> {
    const node = await LostNode.start();
    const dead = [...node.ports];
    let isLost = false;
    const connector = () =>
      (isLost ? dead.shift() : undefined) ?? cluster.connectors.find((one) => one?.process.isRunning)?.port;
    const ingress = new PlayerNetwork({ connector });
    ingress.version = '1.0.0000';
    await ingress.open();
    const client = connect({ url: ingress.url, token: tokenOf('nora') });
    await client.ready;
    const back = new Promise<void>((resolve) =>
      client.on('state', (state) => void (state === 'online' && resolve())),
    );
    isLost = true;
    ingress.halfOpen(1);
    const calmMs = calmTime();
    await back;
    const ms = calmMs();
    client.close();
    ingress.close();
    node.stop();
    return dead.length === 0 ? ms : Infinity;
  }

  it('is back within ten seconds of the loss of its node, though the Ingress sends two tries to it', async () => {
    // Ten seconds where the connector answered within 100 ms before; on a busy machine each try lasts longer.
    expect(await lostNode).toBeLessThan(12_000);
  }, 60_000);

  it('refuses what is too large or no JSON at the call, and keeps its connection', async () => {
    const early = open('lea');
    expect(await codeOf(early.request(leave, 1n))).toBe('INVALID');
    await expect(early.request(leave, {}, { timeoutMs: NaN })).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: 'timeoutMs', rule: 'expected a number of ms' }] },
    });
    await early.ready;
    const states: string[] = [];
    early.on('state', (state) => states.push(state));
    expect(await codeOf(early.request(join, { mode: 'x'.repeat(70_000) }))).toBe('TOO_LARGE');
    expect(await codeOf(early.notify(join, { mode: 'x'.repeat(70_000) }))).toBe('TOO_LARGE');
    // The largest that it sends is not too large for a connector: that says what is wrong with it.
    expect(await codeOf(early.request(join, { mode: 'x'.repeat(65_350) }))).toBe('INVALID');
    expect(states).toEqual([]);
  });

  it('takes a version for one message, and any time for its answer', async () => {
    const client = open('max');
    const version = '9.9.9999';
    // No server has it.
    expect(await codeOf(client.request(leave, undefined, { version }))).toBe('NO_SERVER');
    for (const timeoutMs of [Infinity, 2 ** 31]) {
      expect(await client.request(leave, undefined, { version: '1.0.0000', timeoutMs })).toEqual({
        outcome: 'not-waiting',
      });
    }
    await client.notify(leave, undefined, { version: '1.0.0000' });
  });

  it('hears a push that is named like an event of its own on neither', async () => {
    const client = open('nora');
    await client.ready;
    const told: unknown[] = [];
    for (const event of ['state', 'error', 'moved'] as const)
      client.on(event, (value: unknown) => told.push(value));
    const got = listen(client);
    // The sender refuses such a route; an older one may not have.
    const nats = await connectNats({ servers: cluster.nats.address });
    const volatile = headers();
    volatile.set('Push-Volatile', '1');
    for (const route of ['state', 'error', 'moved', '__proto__', 'n']) {
      nats.publish('deliver.u.nora', JSON.stringify({ route, data: 1 }), { headers: volatile });
    }
    await until(() => got.length === 1);
    expect(told).toEqual([]);
    await nats.close();
    await expect(cluster.push.toPlayer('nora', 'state', 1)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('ends with the mistake in its token(), and is not told UNREACHABLE for ever', async () => {
    const client = open('otto', { token: () => (undefined as unknown as { token: string }).token });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    await expect(client.ready).rejects.toMatchObject({ code: 'TOKEN_FAILED', cause: expect.any(TypeError) });
    expect(errors).toEqual(['TOKEN_FAILED']);
    expect(client.state).toBe('closed');
    expect(() => open('otto', { url: 'play' })).toThrow(TypeError);
  });

  it('fails a request with CONNECTION_LOST whose contract doesn’t let it be sent again', async () => {
    const client = open('ben');
    await client.ready;
    const answer = client.request('matching.never_again' as typeof join, { mode: 'slow-400' });
    network.cut(1);
    expect(await codeOf(answer)).toBe('CONNECTION_LOST');
    expect(await client.request(leave, undefined)).toEqual({ outcome: 'not-waiting' });
  });

  it('keeps so many messages and no more without a connection, and sends them in order when there is one', async () => {
    isOpenFor = () => false;
    const client = open('cleo', { maxQueued: 3 });
    const waiting = [1, 2, 3].map((wait) => client.request(join, { mode: `slow-${wait}` }));
    expect(await codeOf(client.request(leave, undefined))).toBe('QUEUE_FULL');
    isOpenFor = () => true;
    expect(await Promise.all(waiting)).toMatchObject([
      { mode: 'slow-1' },
      { mode: 'slow-2' },
      { mode: 'slow-3' },
    ]);
    expect(cluster.matching.joined.slice(-3)).toEqual(['slow-1', 'slow-2', 'slow-3']);
  });

  it('notifies without an answer, and is told where it does so too fast', async () => {
    isOpenFor = () => false;
    const client = open('nick');
    const errors: string[] = [];
    const sent = client.notify(join, { mode: 'slow-6' });
    isOpenFor = () => true;
    await sent;
    client.on('error', ({ code }) => errors.push(code));
    await until(() => cluster.matching.joined.includes('slow-6'));
    await Promise.all(Array.from({ length: 25 }, () => client.notify(join, { mode: 'slow-0' })));
    await until(() => errors.length > 0);
    expect(new Set(errors)).toEqual(new Set(['RATE_LIMITED']));
  });

  it('fails with TIMEOUT when no answer comes in time, and with CLOSED after its end', async () => {
    const client = open('dora');
    await client.ready;
    expect(await codeOf(client.request(join, { mode: 'slow-300' }, { timeoutMs: 50 }))).toBe('TIMEOUT');
    const waiting = codeOf(client.request(join, { mode: 'slow-300' }));
    client.close();
    expect(await waiting).toBe('CLOSED');
    expect(await codeOf(client.request(leave, undefined))).toBe('CLOSED');
  });

  it('asks for another token when its own is refused, and gives up only on one that it can’t change', async () => {
    const reasons: TokenReason[] = [];
    const token = (reason: TokenReason) => {
      reasons.push(reason);
      return tokenOf('eve', { expiresInMs: reason === 'connect' ? -1_000 : 60_000 });
    };
    await open('eve', { token }).ready;
    expect(reasons).toEqual(['connect', 'refused']);
    expect(await codeOf(open('eve', { token: 'x.y.z' }).ready)).toBe('UNAUTHENTICATED');
  });

  it('ends with KICKED, and doesn’t come back, when the player connects with another device', async () => {
    const first = open('fay');
    await first.ready;
    const errors: string[] = [];
    first.on('error', ({ code }) => errors.push(code));
    await open('fay').ready;
    await until(() => first.state === 'closed');
    expect(errors).toEqual(['KICKED']);
  });

  it('tells one of two tabs with the same session that the other goes on, and goes on there when it is asked to', async () => {
    const first = open('dora');
    const got = listen(first);
    await first.ready;
    const second = open('dora', { resume: first.position });
    await until(() => first.state === 'elsewhere');
    await second.ready;
    expect(await codeOf(first.request(leave, {}))).toBe('DUPLICATE');
    await cluster.push.toPlayer('dora', 'n', 1);
    await until(() => second.position?.position !== first.position?.position);
    expect(got).toEqual([]);
    first.continueHere();
    await until(() => second.state === 'elsewhere' && first.state === 'online');
    await until(() => got.length === 1);
    expect(await first.request(leave, {})).toHaveProperty('outcome');
  });

  it('renews its token on the same socket, and ends with a token that it can’t renew', async () => {
    const reasons: TokenReason[] = [];
    const token = (reason: TokenReason): string => {
      reasons.push(reason);
      return tokenOf('rene', { expiresInMs: reason === 'connect' ? 6_000 : 600_000 });
    };
    const renewing = open('rene', { token });
    const ending = open('enid', { token: tokenOf('enid', { expiresInMs: 3_000 }) });
    await Promise.all([renewing.ready, ending.ready]);
    const states: string[] = [];
    renewing.on('state', (state) => states.push(state));
    const errors: string[] = [];
    ending.on('error', ({ code }) => errors.push(code));
    await until(() => ending.state === 'closed');
    expect(errors).toEqual(['UNAUTHENTICATED']);
    await until(() => reasons.includes('renew'));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([renewing.state, states, reasons]).toEqual(['online', [], ['connect', 'renew']]);
  });

  it('stays online while its only connector stops and the next one is still to come', async () => {
    const going = await cluster.addConnector({ STOP_TIMEOUT_SECONDS: '30' });
    isOpenFor = (ordinal) => ordinal >= 2;
    const client = open('gil');
    const got = listen(client);
    await client.ready;
    const states: string[] = [];
    client.on('state', (state) => states.push(state));
    const stopped = going.process.stop(30_000);
    await cluster.untilMetric(going, 'draining_sessions', 1);
    await cluster.push.toPlayer('gil', 'n', 0);
    const next = await cluster.addConnector();
    await until(() => client.serverId === next.serverId);
    await cluster.push.toPlayer('gil', 'n', 1);
    await until(() => got.length === 2);
    expect(got).toEqual([0, 1]);
    expect(states).toEqual([]);
    expect(await stopped).toBe('exit code 0');
  });

  it('asks which version to use when its own is gone', async () => {
    const operator = await connectNats({ servers: cluster.nats.address });
    const note = { who: 'test', why: 'test', action: 'test' };
    await (await ReleaseStore.open(operator)).writeFirstTable(firstTable('production', '1.0.0000', []), note);
    await operator.close();
    const client = open('hal', { version: '9.9.9999' });
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    await client.ready;
    expect(errors).toEqual(['VERSION_GONE']);
  });

  it('is told that pushes may be missing when the servers lost them, and gives later ones on a fresh state', async () => {
    const told: string[] = [];
    const reasons: string[] = [];
    let during: Client['position'];
    const client = open('ida', {
      onNotRecovered: async ({ reason }) => {
        reasons.push(reason);
        during = client.position;
        await cluster.push.toPlayer('ida', 'n', 1, { id: 'one' });
        // Its answer comes after the push, on the same way.
        await client.request(leave, undefined);
        told.push('state');
      },
    });
    client.on('n' as never, (number: number) => told.push(`push ${number}`));
    await client.ready;
    await cluster.nats.restartEmpty();
    await until(() => told.length === 2);
    expect(told).toEqual(['state', 'push 1']);
    expect(reasons).toContain('expired');
    expect(client.state).toBe('online');
    expect(client.position?.position).toBeGreaterThan(during?.position ?? Infinity);
  });
});
