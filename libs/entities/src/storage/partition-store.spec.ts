import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { AckedPublisher, DirectReader } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition, PartitionLost } from '@ccgame/ownership';
import { type NatsServer, startNats } from '@ccgame/testing';
import { entityStreamName, openEntityStream } from './entity-stream.js';
import { PartitionStore } from './partition-store.js';
import { PartitionSubjects } from './partition-subjects.js';

const subjects = new PartitionSubjects('play', '1.0.0000', 'p0');
const record = (n: number): string => JSON.stringify({ inputs: [['a', { n }]], after: {} });

describe('the log of a partition', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;
  let reader: DirectReader;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    publisher = new AckedPublisher(connection, health);
    reader = new DirectReader(connection, health);
    await openEntityStream(connection, 'play');
  });
  afterAll(async () => {
    publisher.close();
    reader.close();
    await connection.close();
    await nats.destroy();
  });

  const ownerNamed = (serverId: string): { store: PartitionStore; fenced: FencedPartition } => {
    const store = new PartitionStore(entityStreamName('play'), subjects, publisher, reader, {
      serverId,
      incarnation: serverId,
    });
    const fenced = new FencedPartition(subjects.name, store, {
      onOwned: () => undefined,
      onLost: () => undefined,
    });
    return { store, fenced };
  };
  const logMessage = (slot: number, n: number, expected = 0) => ({
    subject: subjects.log(slot),
    payload: record(n),
    expected,
  });

  it('is its own fence: a message goes without a batch, and is refused once another server owns the partition', async () => {
    const [first, second] = [ownerNamed('first'), ownerNamed('second')];
    await first.fenced.acquire();
    const before = await first.fenced.commit([logMessage(0, 1)]);
    const next = await first.fenced.commit([logMessage(1, 2)]);
    expect(next).toBe(before + 1);
    // With a state, by a batch that begins with a fence.
    const state = { subject: subjects.state('note.a', false), payload: '{}', expected: 0 };
    const fence = await first.fenced.commit([logMessage(2, 3), state]);
    expect(fence).toBe(next + 2);
    await first.fenced.commit([logMessage(3, 4)]);

    await second.fenced.acquire();
    expect(second.fenced.state).toBe('owner');
    expect(second.store.image.log.map(({ record: { inputs } }) => inputs[0][1].n)).toEqual([1, 2, 3, 4]);
    await expect(first.fenced.commit([logMessage(4, 5)])).rejects.toThrow(PartitionLost);
    expect(first.fenced.state).toBe('away');

    const { log } = second.store.image;
    await second.fenced.commit([logMessage(0, 6, log[0].seq)]);
    await first.fenced.acquire();
    const inputs = first.store.image.log.map(({ record: { inputs: of } }) => of[0][1].n);
    expect(inputs).toEqual([2, 3, 4, 6]);
    await expect(second.fenced.commit([])).rejects.toThrow(PartitionLost);
  });

  it('leaves a partition its owner’s when something else stands where its batch was to go', async () => {
    const { fenced } = ownerNamed('third');
    await fenced.acquire();
    await fenced.commit([logMessage(9, 9)]);
    await publisher.publish(subjects.state('note.b', false), 'of another version');
    const state = { subject: subjects.state('note.b', false), payload: '{}', expected: 0 };
    await expect(fenced.commit([logMessage(10, 10), state])).rejects.toMatchObject({
      name: 'CommitConflict',
    });
    expect(fenced.state).toBe('owner');
    await fenced.commit([logMessage(10, 10)]);
  });
});
