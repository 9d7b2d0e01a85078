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
});
