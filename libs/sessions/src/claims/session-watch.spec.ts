import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader, type StoredMessage } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { type RpcContext, rpcContext } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import type { SessionRecord } from './session-record.js';
import type { SeenSession } from './seen-session.js';
import { SessionWatch } from './session-watch.js';

/** The bucket, and a watch that never hears a write. */
describe('a session whose write was not heard', () => {
  const lookMs = 15_000;
  const prefix = '$KV.sessions.';
  let stored: Map<string, { seq: number; record: SessionRecord }>;
  let asked: string[][];
  let watch: SessionWatch;
  const nats = {
    subscribe: () => ({ unsubscribe: () => undefined }),
    request: () => Promise.resolve(),
  } as unknown as NatsConnection;
  const unheard = () => () => undefined;
  const health = { isClustered: true, connected: true, onChange: unheard, onDenied: unheard };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    health.isClustered = true;
    stored = new Map();
    asked = [];
    jest
      .spyOn(DirectReader.prototype, 'readMessages')
      .mockImplementation((_, { multi_last: subjects = [] }) => {
        asked.push(subjects.map((subject) => subject.slice(prefix.length)));
        const found = subjects.flatMap((subject) => {
          const one = stored.get(subject.slice(prefix.length));
          if (!one) return [];
          const data = Buffer.from(JSON.stringify(one.record));
          return [{ subject, seq: one.seq, data } as unknown as StoredMessage];
        });
        return Promise.resolve(found);
      });
    watch = new SessionWatch(nats, health as unknown as NatsHealth);
  });
  afterEach(() => {
    watch.close();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const record = (isConnected: boolean): SessionRecord => ({
    session: 's',
    version: '1.0.0000',
    serverId: 'connector-0',
    socket: 'a',
    isConnected,
  });
  function listen(playerId: string): (SeenSession | undefined)[] {
    const seen: (SeenSession | undefined)[] = [];
    watch.watchSession(playerId, (one) => seen.push(one));
    return seen;
  }
  const looks = (count: number): Promise<void> => jest.advanceTimersByTimeAsync(count * lookMs);

  it('is found by the next look, as a cluster of NATS loses a hint while the connection lasts', async () => {
    stored.set('anna', { seq: 1, record: record(true) });
    const seen = listen('anna');
    await looks(3);
    expect(seen).toMatchObject([{ isConnected: true }]);
    stored.set('anna', { seq: 2, record: record(false) });
    await looks(1);
    expect(seen).toMatchObject([{ isConnected: true }, { isConnected: false }]);
    stored.set('anna', { seq: 3, record: record(true) });
    await looks(1);
    expect(seen[2]).toMatchObject({ isConnected: true });
  });

  it('is found where there was none before', async () => {
    const seen = listen('ben');
    await looks(3);
    stored.set('ben', { seq: 1, record: record(true) });
    await looks(1);
    expect(seen).toMatchObject([undefined, { isConnected: true }]);
  });

  it('is looked for in turn, a page of all players at a time', async () => {
    const players = Array.from({ length: 2_500 }, (_, index) => `p${index}`);
    for (const playerId of players) {
      stored.set(playerId, { seq: 1, record: record(true) });
      listen(playerId);
    }
    await looks(2);
    asked = [];
    await looks(3);
    expect(asked.map(({ length }) => length).sort()).toEqual([1_000, 1_000, 500]);
    expect(new Set(asked.flat())).toEqual(new Set(players));
  });

  it('costs each page of many that are wanted at once no look at all of them', async () => {
    const players = Array.from({ length: 20_000 }, (_, index) => `p${index}`);
    const iterator = Object.getPrototypeOf(new Set<string>().values()) as Iterator<unknown>;
    const { next } = iterator;
    let steps = 0;
    jest.spyOn(iterator, 'next').mockImplementation(function (this: Iterator<unknown>) {
      steps += 1;
      return next.call(this);
    });
    const seen = players.map((playerId) => {
      stored.set(playerId, { seq: 1, record: record(true) });
      return listen(playerId);
    });
    await jest.advanceTimersByTimeAsync(5_000);
    expect(seen.every(({ length }) => length === 1)).toBe(true);
    // Twenty copies of those that are left have ten times as many as a look at each; listeners are in sets, too.
    expect(steps).toBeLessThan(5 * players.length);
  });

  it('is told outside the call of whoever watched first', async () => {
    // Timers that are not the system's know no context.
    jest.useRealTimers();
    const contexts: RpcContext[] = [];
    rpcContext.run({ deadline: 1, attributes: { uid: 'ben' } }, () => listen('ben'));
    watch.watchSession('anna', () => contexts.push(rpcContext.get()));
    await untilHolds(() => contexts.length === 1);
    expect(contexts).toEqual([{ attributes: {} }]);
  });

  it('is not looked for where one NATS server loses none', async () => {
    health.isClustered = false;
    stored.set('anna', { seq: 1, record: record(true) });
    listen('anna');
    await looks(3);
    asked = [];
    await looks(3);
    expect(asked).toEqual([]);
  });
});
