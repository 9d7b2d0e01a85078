import type { NatsConnection } from '@nats-io/nats-core';
import { type Acked, type AckedPublisher, NotStored } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import { PushLog } from './push-log.js';

describe('a push that waits for the one before it', () => {
  const under: { body: string; acked: Acked }[] = [];
  const publisher = {
    publishWithCallback: (_: string, body: string, acked: Acked) => under.push({ body, acked }),
  } as unknown as AckedPublisher;
  const deletions = { onDeleted: () => () => undefined };
  const health = { connected: true, deletions } as unknown as NatsHealth;
  const log = new PushLog({} as NatsConnection, health, publisher);
  const stored = { stream: 'PUSH', seq: 1 };

  afterEach(() => {
    jest.restoreAllMocks();
    under.length = 0;
  });

  it('is refused once it has waited for as long as it may be tried, and is not sent then', async () => {
    const first = log.append('anna', 'first');
    const late = [log.append('anna', 'second'), log.append('anna', 'third')];
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 31_000);
    under[0]?.acked.stored(stored);
    await first;
    for (const one of await Promise.allSettled(late))
      expect(one).toMatchObject({ reason: { code: 'BUSY', retryable: true } });
    expect(under.map(({ body }) => body)).toEqual(['first']);
    const next = log.append('anna', 'next');
    under[1]?.acked.stored(stored);
    await next;
  });

  it('is refused at once where it is larger than the stream takes, and holds back no other', async () => {
    const both = [log.append('cleo', 'large'), log.append('cleo', 'small')];
    under[0]?.acked.notStored(new NotStored('refused', 'message size exceeds maximum allowed', 10054));
    await expect(both[0]).rejects.toMatchObject({ code: 'TOO_LARGE', retryable: false });
    under[1]?.acked.stored(stored);
    await both[1];
    expect(under.map(({ body }) => body)).toEqual(['large', 'small']);
  });

  it('is sent where its turn comes in time', async () => {
    const both = [log.append('ben', 'first'), log.append('ben', 'second')];
    under[0]?.acked.stored(stored);
    under[1]?.acked.stored(stored);
    await Promise.all(both);
    expect(under.map(({ body }) => body)).toEqual(['first', 'second']);
  });
});
