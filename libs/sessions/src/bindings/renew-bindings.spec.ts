import type { NatsConnection } from '@nats-io/nats-core';
import { type BucketEntry, KeyValueBucket, type NatsClock } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { Bindings } from './bindings.js';

const dayMs = 86_400_000;
const month = 30 * 86_400;

describe('a binding of a member', () => {
  const unheard = () => () => undefined;
  const nats = { subscribe: () => ({ unsubscribe: () => undefined }) } as unknown as NatsConnection;
  const health = { connected: true, onChange: unheard, onDenied: unheard } as unknown as NatsHealth;
  const natsTime = Date.now();
  const clock = { now: () => natsTime } as NatsClock;
  let bindings: Bindings;

  beforeEach(() => (bindings = new Bindings(nats, health, clock)));
  afterEach(() => {
    bindings.onApplicationShutdown();
    jest.restoreAllMocks();
  });

  const stands = (value: string, days: number): BucketEntry => ({
    key: 'anna.play.duel',
    value,
    revision: 7,
    storedAt: natsTime - days * dayMs,
  });

  it.each<[string, BucketEntry | undefined, unknown[] | undefined]>([
    ['is written again in its last two weeks', stands('d1', 16), ['anna.play.duel', 'd1', 7, month]],
    ['is written again when it has gone', undefined, ['anna.play.duel', 'd1', 0, month]],
    ['is left as it is before that', stands('d1', 14), undefined],
    ['is left as it is when the player was bound to another room', stands('d2', 16), undefined],
    ['is left as it is when the player was unbound', stands('', 16), undefined],
  ])('%s', async (_, entry, written) => {
    jest.spyOn(KeyValueBucket.prototype, 'get').mockResolvedValue(entry);
    const write = jest.spyOn(KeyValueBucket.prototype, 'compareAndSet').mockResolvedValue(8);
    await bindings.renew('anna', 'play.duel', 'd1');
    expect(write.mock.calls).toEqual(written ? [written] : []);
  });

  it.each<[string, number, boolean]>([
    ['is written again in time where the machine is 20 days behind', -20, true],
    ['is not written again too soon where the machine is 20 days ahead', 20, false],
  ])('%s', async (_, aheadDays, isWritten) => {
    jest.spyOn(KeyValueBucket.prototype, 'get').mockResolvedValue(stands('d1', isWritten ? 16 : 1));
    const write = jest.spyOn(KeyValueBucket.prototype, 'compareAndSet').mockResolvedValue(8);
    jest.spyOn(Date, 'now').mockReturnValue(natsTime + aheadDays * dayMs);
    await bindings.renew('anna', 'play.duel', 'd1');
    expect(write).toHaveBeenCalledTimes(isWritten ? 1 : 0);
  });
});
