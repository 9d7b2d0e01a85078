import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { natsOptions, NatsServer } from '@ccgame/testing';
import { AckedPublisher } from './writing/acked-publisher.js';
import { DirectReader } from './reading/direct-reader.js';

describe('while NATS is away', () => {
  let nats: NatsServer;
  let largestBytes = 1_048_576;
  let connection: NatsConnection;
  let health: NatsHealth;
  let publisher: AckedPublisher;
  let reader: DirectReader;

  beforeAll(async () => {
    const configuration = (port: number, folder: string): string =>
      `listen: "127.0.0.1:${port}"
      max_payload: ${largestBytes}
      jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))}, max_file_store: 16G }`;
    nats = await NatsServer.start({ ...(await natsOptions()), configuration });
    connection = await connect({ servers: nats.address, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    health = new NatsHealth(connection);
    publisher = new AckedPublisher(connection, health);
    reader = new DirectReader(connection, health);
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: 'NOTES',
      subjects: ['notes.*'],
      allow_direct: true,
      allow_atomic: true,
    });
    await publisher.publish('notes.first', 'first');
  });
  afterAll(async () => {
    publisher.close();
    reader.close();
    await connection.close();
    await nats.destroy();
  });

  async function killNats(): Promise<void> {
    await nats.stop('SIGKILL');
    while (health.connected) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('writes and reads wait for it, in their order', async () => {
    await killNats();
    const answers = Promise.all([
      publisher.publish('notes.a', 'a'),
      publisher.publishAll([
        { subject: 'notes.b', payload: 'b' },
        { subject: 'notes.c', payload: 'c' },
      ]),
      publisher.publish('notes.d', 'd'),
      reader.readLast('NOTES', 'notes.first'),
    ]);
    await nats.start();
    const [a, batch, d, first] = await answers;
    expect([a.seq, batch.seq, d.seq, first?.seq]).toEqual([2, 3, 5, 1]);
  });

  it('they are told after their patience, and nothing is written later', async () => {
    await killNats();
    const answers = await Promise.allSettled([
      publisher.publish('notes.e', 'e'),
      reader.readLast('NOTES', 'notes.first'),
    ]);
    expect(answers).toMatchObject([{ reason: { kind: 'unknown' } }, { reason: { kind: 'away' } }]);
    await nats.start();
    await health.waitUntilConnected(15_000);
    expect(await reader.readLast('NOTES', 'notes.e')).toBeUndefined();
  });

  it('one that NATS takes no longer when it is back keeps none behind it from going out', async () => {
    await killNats();
    let isTold = false;
    const stop = health.onChange((connected) => {
      if (connected) throw new Error('A listener has a fault');
    });
    const stopOther = health.onChange((connected) => (isTold ||= connected));
    const answers = Promise.allSettled([
      publisher.publish('notes.large', 'x'.repeat(50_000)),
      publisher.publish('notes.small', 'small'),
    ]);
    largestBytes = 10_000;
    await nats.start();
    const [large, small] = await answers;
    stop();
    stopOther();
    expect(large).toMatchObject({ reason: { kind: 'refused' } });
    expect(small).toMatchObject({ value: { stream: 'NOTES' } });
    expect(isTold).toBe(true);
    await killNats();
    expect(health.connected).toBe(false);
  });
});
