import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth } from '@ccgame/nats';
import { AckedPublisher } from '@ccgame/jetstream';

const payload = JSON.stringify({ ticketId: crypto.randomUUID(), players: ['j0'], text: 'x'.repeat(220) });

/** Writes of a ticket's size by compare-and-set to a stream of files, so many at once, from one process: the yardstick. */
export async function rawWrites(nats: NatsConnection, count: number, inFlight: number): Promise<number> {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({
    name: 'RAW',
    subjects: ['raw.*'],
    max_msgs_per_subject: 1,
    allow_direct: true,
  });
  const publisher = new AckedPublisher(nats, new NatsHealth(nats));
  let next = 0;
  const startedAt = performance.now();
  const write = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++)
      await publisher.publishAll([{ subject: `raw.${i}`, payload, expected: 0 }]);
  };
  await Promise.all(Array.from({ length: inFlight }, write));
  const seconds = (performance.now() - startedAt) / 1000;
  publisher.close();
  await manager.streams.delete('RAW');
  return count / seconds;
}
