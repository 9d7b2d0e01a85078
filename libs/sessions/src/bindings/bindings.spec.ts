import type { NatsConnection } from '@nats-io/nats-core';
import { KeyValueBucket, NatsClock } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { Bindings } from './bindings.js';

/** A connector that never hears of a write, beside the bucket. */
describe('the room of a player who was bound to another one unheard', () => {
  let stored: string;
  let bindings: Bindings;
  const nats = { subscribe: () => ({ unsubscribe: () => undefined }) } as unknown as NatsConnection;
  const unheard = () => () => undefined;
  const health = { isClustered: true, connected: true, onChange: unheard, onDenied: unheard };

  beforeEach(() => {
    jest.useFakeTimers();
    stored = 'r1';
    jest
      .spyOn(KeyValueBucket.prototype, 'get')
      .mockImplementation(() => Promise.resolve({ key: 'k', value: stored, revision: 1, storedAt: 0 }));
    const known = health as unknown as NatsHealth;
    bindings = new Bindings(nats, known, new NatsClock(nats, known));
  });
  afterEach(() => {
    bindings.onApplicationShutdown();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it.each([
    ['is read again after a while in a cluster of NATS, which may lose a hint', true, 'r2'],
    ['is kept where one NATS server loses none', false, 'r1'],
  ])('%s', async (_, isClustered, expected) => {
    health.isClustered = isClustered;
    const ask = (): Promise<string> => bindings.boundTo('anna', 'game.room');
    jest.advanceTimersByTime(1);
    expect(await ask()).toBe('r1');
    stored = 'r2';
    jest.advanceTimersByTime(10_000);
    expect(await ask()).toBe('r1');
    jest.advanceTimersByTime(30_000);
    expect(await ask()).toBe(expected);
  });
});

it('a server keeps the rooms of a hundred thousand players at most, and forgets as many writes that it heard of', async () => {
  let hear = (_subject: string): void => undefined;
  const subscribe = (
    _: string,
    { callback }: { callback: (error: null, msg: { subject: string }) => void },
  ) => {
    hear = (subject) => callback(null, { subject });
    return { unsubscribe: () => undefined };
  };
  const unheard = () => () => undefined;
  const health = { isClustered: false, connected: true, onChange: unheard, onDenied: unheard };
  const get = jest
    .spyOn(KeyValueBucket.prototype, 'get')
    .mockResolvedValue({ key: 'k', value: 'r1', revision: 1, storedAt: 0 });
  const nats = { subscribe } as unknown as NatsConnection;
  const bindings = new Bindings(nats, health as unknown as NatsHealth, {} as NatsClock);
  const { known, unsureUntil } = bindings as unknown as Record<'known' | 'unsureUntil', Map<string, unknown>>;
  const most = { known: 0, unsure: 0 };
  for (let i = 0; i < 250_000; i += 1) {
    await bindings.findBound(`p${i}`, 'game.room');
    most.known = Math.max(most.known, known.size);
  }
  for (let i = 0; i < 250_000; i += 1) {
    hear(`$KV.bindings.w${i}.game.room`);
    most.unsure = Math.max(most.unsure, unsureUntil.size);
  }
  expect(most).toEqual({ known: 100_000, unsure: 100_001 });
  expect(get).toHaveBeenCalledTimes(250_000);
  bindings.onApplicationShutdown();
  jest.restoreAllMocks();
});
