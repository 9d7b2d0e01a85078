import type { KeyValueBucket } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { untilHolds } from '@ccgame/testing';
import { SessionReleases } from './session-releases.js';

const record = { session: 's', socket: 'a', isConnected: true, serverId: 'connector-0', version: '1.0.0000' };

describe('the release of a socket whose record no replica has yet', () => {
  it('is made when one has it, also after the last of the looks in a row', async () => {
    let looks = 0;
    let isBehind = true;
    const written: unknown[] = [];
    const bucket = {
      get: () => {
        looks += 1;
        return Promise.resolve(
          isBehind ? undefined : { value: JSON.stringify(record), revision: 7, storedAt: 0 },
        );
      },
      compareAndSet: (_: string, value: string) => Promise.resolve(written.push(JSON.parse(value))),
    } as unknown as KeyValueBucket;
    let natsIsBack = (): void => undefined;
    const health = {
      onChange(listener: (connected: boolean) => void) {
        natsIsBack = () => listener(true);
        return () => undefined;
      },
    } as unknown as NatsHealth;
    const releases = new SessionReleases(bucket, health, 120_000);
    try {
      // The ack of its claim was lost.
      await releases.release({ playerId: 'anna', socket: 'a' });
      expect([looks, written]).toEqual([8, []]);
      isBehind = false;
      natsIsBack();
      await untilHolds(() => written.length === 1);
      expect(written).toEqual([{ ...record, isConnected: false }]);
    } finally {
      releases.close();
    }
  });

  it('is given up once NATS has said for ten seconds that nothing is there, as it would stand in the way of others', async () => {
    let now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const bucket = {
      get: () => Promise.resolve({ value: JSON.stringify({ ...record, socket: 'other' }), revision: 7 }),
    } as unknown as KeyValueBucket;
    const listeners: ((connected: boolean) => void)[] = [];
    const health = {
      onChange: (listener: (connected: boolean) => void) => {
        listeners.push(listener);
        return () => undefined;
      },
    } as unknown as NatsHealth;
    const releases = new SessionReleases(bucket, health, 3_600_000);
    try {
      await releases.release({ playerId: 'anna', socket: 'a' });
      expect(releases.areDone).toBe(false);
      now += 10_001;
      listeners[0](true);
      await untilHolds(() => releases.areDone);
    } finally {
      releases.close();
      clock.mockRestore();
    }
  });
});
