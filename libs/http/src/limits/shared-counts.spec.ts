import { parseJson } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { countsSubject, SharedCounts } from './shared-counts.js';

const windowMs = 60_000;

describe('the counts of callers', () => {
  let nats: NatsServer;
  const connections: NatsConnection[] = [];
  const healths: NatsHealth[] = [];
  const opened: SharedCounts[] = [];
  let watcher: NatsConnection;
  /** Hits that servers told each other of, by key. */
  const told = new Map<string, number>();

  beforeAll(async () => {
    nats = await startNats();
    watcher = await open();
    watcher.subscribe(countsSubject, {
      callback: (_, message) => {
        const { hits } = parseJson<{ hits?: [string, number][] }>(message.string()) ?? {};
        if (Array.isArray(hits)) for (const entry of hits) noteTold(entry);
      },
    });
  });
  afterAll(async () => {
    for (const counts of opened) counts.onApplicationShutdown();
    await Promise.all(connections.map((connection) => connection.close()));
    await nats.destroy();
  });

  function noteTold(entry: [string, number] | null): void {
    const [key, more] = entry ?? [];
    if (key !== undefined) told.set(key, (told.get(key) ?? 0) + (more ?? 0));
  }

  async function open(): Promise<NatsConnection> {
    const connection = await connect({ servers: nats.address, reconnectTimeWait: 20 });
    connections.push(connection);
    return connection;
  }

  async function openServer(): Promise<SharedCounts> {
    const connection = await open();
    const health = new NatsHealth(connection);
    healths.push(health);
    const counts = new SharedCounts(connection, health, windowMs);
    counts.onModuleInit();
    opened.push(counts);
    await connection.flush();
    return counts;
  }

  /** @returns how many of so many requests are let in */
  async function letIn(server: SharedCounts, key: string, requests: number, limit: number): Promise<number> {
    let count = 0;
    for (let i = 0; i < requests; i += 1) {
      const { isBlocked } = await server.increment(key, windowMs, limit);
      if (!isBlocked) count += 1;
    }
    return count;
  }

  /** When the watcher has heard it, and an answer came to each server since, all of them have. */
  async function untilHeard(key: string, hits: number): Promise<void> {
    while ((told.get(key) ?? 0) < hits) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all(connections.map((connection) => connection.flush()));
  }

  it('are one over all servers: what one of them let in, no other lets in again', async () => {
    const [first, second, third] = [await openServer(), await openServer(), await openServer()];
    expect(await letIn(first, 'device', 40, 30)).toBe(30);
    await untilHeard('device', 30);
    expect(await letIn(second, 'device', 10, 30)).toBe(0);
    expect(await letIn(second, 'address', 1_504, 3_000)).toBe(1_504);
    await untilHeard('address', 1_472);
    const letInLater = (await letIn(third, 'address', 2_000, 3_000)) + 1_504;
    expect(letInLater).toBeGreaterThanOrEqual(3_000);
    expect(letInLater).toBeLessThanOrEqual(3_000 + 3 * 46);
    const { isBlocked, timeToBlockExpire } = await third.increment('address', windowMs, 3_000);
    expect(isBlocked).toBe(true);
    expect(timeToBlockExpire).toBeGreaterThan(0);
    expect(timeToBlockExpire).toBeLessThanOrEqual(60);
  });

  it('of the many who come once or twice are told to nobody', async () => {
    const server = await openServer();
    for (let i = 0; i < 2_000; i += 1) await letIn(server, `once-${i}`, 2, 30);
    await letIn(server, 'known', 30, 30);
    await untilHeard('known', 30);
    expect([...told.keys()].filter((key) => key.startsWith('once-'))).toEqual([]);
  });

  it('begin anew when their time is over', async () => {
    const server = await openServer();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    expect(await letIn(server, 'brief', 5, 3)).toBe(3);
    clock.mockReturnValue(1_000 + windowMs - 1);
    expect(await server.increment('brief', windowMs, 3)).toMatchObject({
      isBlocked: true,
      timeToBlockExpire: 1,
    });
    clock.mockReturnValue(1_000 + windowMs);
    expect(await letIn(server, 'brief', 5, 3)).toBe(3);
    clock.mockRestore();
  });

  it('are of one minute at all servers, whenever each had its first: none forgets what the others let in', async () => {
    const [first, second] = [await openServer(), await openServer()];
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    expect(await letIn(first, 'staggered', 40, 3_000)).toBe(40);
    clock.mockReturnValue(31_000);
    expect(await letIn(second, 'staggered', 3_000, 3_000)).toBe(3_000);
    await untilHeard('staggered', 3_000 - 46);
    clock.mockReturnValue(62_000);
    expect(await letIn(first, 'staggered', 3_000, 3_000)).toBeLessThanOrEqual(46);
    expect(await first.increment('staggered', windowMs, 3_000)).toMatchObject({ timeToBlockExpire: 29 });
    clock.mockReturnValue(91_000 + 2 * 50);
    expect(await letIn(first, 'staggered', 3_000, 3_000)).toBe(3_000);
    clock.mockRestore();
  });

  it('end with the minute of the server that tells, also where another one had heard of none', async () => {
    const [first, second] = [await openServer(), await openServer()];
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    expect(await letIn(first, 'late', 1, 40)).toBe(1);
    clock.mockReturnValue(56_000);
    expect(await letIn(first, 'late', 38, 40)).toBe(38);
    await untilHeard('late', 39);
    expect(await letIn(second, 'late', 2, 40)).toBe(1);
    clock.mockReturnValue(62_000);
    expect(await letIn(second, 'late', 40, 40)).toBe(40);
    clock.mockRestore();
  });

  it('are as they were whatever is said where servers tell them', async () => {
    const server = await openServer();
    await letIn(server, 'key', 1, 3);
    const lies: unknown[] = [null, 1, [], {}, { from: 'x' }, { from: 'x', hits: {} }, { from: 1, hits: [] }];
    const entries: unknown[] = [
      null,
      'key',
      ['key'],
      ['key', 0],
      ['key', 1.5],
      ['key', '9'],
      ['key', 0, 1e300],
      [{}, 9],
      [9, 9],
    ];
    const texts = [...lies, { from: 'x', hits: entries }].map((lie) => JSON.stringify(lie));
    for (const text of ['', '[[[', '\u0000', ...texts]) connections.at(-1)?.publish(countsSubject, text);
    watcher.publish(countsSubject, JSON.stringify({ from: 'x', hits: [['mark', 1]] }));
    await untilHeard('mark', 1);
    expect(await letIn(server, 'key', 5, 3)).toBe(2);
  });

  it('are as before for a hit that is taken back, at every server', async () => {
    const [first, second] = [await openServer(), await openServer()];
    expect(await letIn(first, 'failed', 30, 30)).toBe(30);
    await untilHeard('failed', 30);
    expect(await letIn(second, 'failed', 1, 30)).toBe(0);
    for (let i = 0; i < 40; i += 1) first.giveBack('failed', 30);
    while (told.get('failed') !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await untilHeard('failed', 0);
    expect(await letIn(second, 'failed', 40, 30)).toBe(30);
  });

  it('are bounded: when more callers come than are kept, the oldest are forgotten, and soon', async () => {
    const server = await openServer();
    await letIn(server, 'oldest', 3, 3);
    for (let i = 0; i < 199_999; i += 1) void server.increment(`many-${i}`, windowMs, 30);
    expect(await letIn(server, 'oldest', 1, 3)).toBe(0);
    for (let i = 0; i < 2; i += 1) void server.increment(`more-${i}`, windowMs, 30);
    expect(await letIn(server, 'oldest', 1, 3)).toBe(1);
  });

  it('are counted by each server for itself while NATS is away, and told to the others when it is back', async () => {
    const [server, other] = [await openServer(), await openServer()];
    await nats.stop('SIGKILL');
    // Hits that are told in the moment before a server knows are lost.
    await untilHolds(() => healths.every(({ connected }) => !connected));
    expect(await letIn(server, 'alone', 40, 30)).toBe(30);
    await nats.start();
    await untilHeard('alone', 30);
    expect(await letIn(other, 'alone', 10, 30)).toBe(0);
  });
});
