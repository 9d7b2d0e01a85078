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
