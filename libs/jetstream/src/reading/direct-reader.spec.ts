import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { AckedPublisher } from '../writing/acked-publisher.js';
import { KeyValueBucket } from '../writing/key-value-bucket.js';
import { DirectReader } from './direct-reader.js';

/** Messages of 200 KB each: more than one answer has. */
const count = 100;

describe('a read of more than one answer of NATS has', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;
  let reader: DirectReader;
  let health: NatsHealth;
  const names = Array.from({ length: count }, (_, index) => `n${index}`);

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    health = new NatsHealth(connection);
    publisher = new AckedPublisher(connection, health);
    reader = new DirectReader(connection, health);
    const { streams } = await jetstreamManager(connection);
    await streams.add({
      name: 'KV_notes',
      subjects: ['$KV.notes.>'],
      allow_direct: true,
      allow_msg_ttl: true,
    });
    for (const name of names) await publisher.publish(`$KV.notes.${name}`, name.padEnd(200_000));
  });
  afterAll(async () => {
    publisher.close();
    reader.close();
    await connection.close();
    await nats.destroy();
  });

  const namesIn = (messages: { text(): string }[]): string[] => messages.map((one) => one.text().trim());
  const prefixed = names.map((name) => `$KV.notes.${name}`);

  it('has all messages, in order: the newest of each subject, and those from one on', async () => {
    const newest = await reader.readMessages('KV_notes', { multi_last: prefixed, batch: count });
    expect(namesIn(newest)).toEqual(names);
    const below = await reader.readMessages('KV_notes', {
      multi_last: ['$KV.notes.*'],
      seq: 3,
      batch: 1_024,
    });
    expect(namesIn(below)).toEqual(names.slice(2));
    const next = await reader.readMessages('KV_notes', { next_by_subj: '$KV.notes.*', seq: 3, batch: 50 });
    expect(namesIn(next)).toEqual(names.slice(2, 52));
  });

  it('fails with what its taker throws, and hands over nothing behind that', async () => {
    const taken: string[] = [];
    const reading = reader.readEach(
      'KV_notes',
      { next_by_subj: '$KV.notes.*', seq: 1, batch: 3 },
      (message) => {
        taken.push(message.text().trim());
        throw new TypeError('planted');
      },
    );
    await expect(reading).rejects.toThrow('planted');
    expect(namesIn(await reader.readMessages('KV_notes', { last_by_subj: '$KV.notes.n1' }))).toEqual(['n1']);
    expect(taken).toEqual(['n0']);
  });

  it('lists a whole bucket', async () => {
    const bucket = new KeyValueBucket('notes', connection, publisher, reader);
    const entries = await bucket.list('*', (entry) => entry);
    expect(entries.map(({ key }) => key)).toEqual(names);
  });
});
