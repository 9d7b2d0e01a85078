import type { PublishOptions } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition } from '@ccgame/ownership';
import { startNats } from '@ccgame/testing';
import { acquirePartition } from '../../../test/acquire-partition.js';
import { describeStore } from '../../../test/store-contract.js';
import { PartitionSubjects } from '../partition-subjects.js';
import { entityStreamName } from './entity-stream.js';
import { jetStreamStore } from './jetstream-store.js';

describeStore('JetStream', async () => {
  const nats = await startNats();
  const connection = await connect({ servers: nats.address });
  const health = new NatsHealth(connection);
  return {
    openStore: async () => {
      const store = jetStreamStore()({ nats: connection, health, serverType: 'play' });
      await store.open();
      return store;
    },
    stop: async () => {
      await connection.close();
      await nats.destroy();
    },
  };
});

it('a message of the log is its own fence: it goes without a batch, and counts on as one does', async () => {
  const nats = await startNats();
  const connection = await connect({ servers: nats.address });
  const context = { nats: connection, health: new NatsHealth(connection), serverType: 'play' };
  const store = jetStreamStore()(context);
  await store.open();
  const subjects = new PartitionSubjects('play', '1.0.0000', 'p0');
  const partition = store.partition(subjects, { serverId: 'one', incarnation: '1' });
  const events = { onOwned: () => undefined, onLost: () => undefined };
  const fenced = new FencedPartition(subjects.name, partition, events);
  await acquirePartition(fenced);
  const log = (slot: number) => ({ subject: subjects.log(slot), payload: '{"inputs":[]}', expected: 0 });
  const before = await fenced.commit([log(0)]);
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info(entityStreamName('play'));
  expect(state.last_seq).toBe(before + 1);
  const next = await fenced.commit([log(1)]);
  expect(next).toBe(before + 1);
  // With a state, by a batch that begins with a fence.
  const written = { subject: subjects.state('note.a', false), payload: '{}', expected: 0 };
  await expect(fenced.commit([log(2), written])).resolves.toBe(next + 2);
  await expect(fenced.commit([log(3)])).resolves.toBe(next + 4);
  await store.close();
  await connection.close();
  await nats.destroy();
});

describe('a partition that is acquired while NATS loses a message', () => {
  const subjects = new PartitionSubjects('play', '1.0.0000', 'p0');

  it.each(['fence', 'seen', 'alarmsSeen'] as const)('is owned once that comes again: %s', async (lost) => {
    const nats = await startNats();
    const connection = await connect({ servers: nats.address });
    const store = jetStreamStore()({
      nats: connection,
      health: new NatsHealth(connection),
      serverType: 'play',
    });
    await store.open();
    const partition = store.partition(subjects, { serverId: 'one', incarnation: '1' });
    const fenced = new FencedPartition(subjects.name, partition, { onOwned: () => {}, onLost: () => {} });
    const publish = connection.publish.bind(connection);
    const sent: string[] = [];
    jest.spyOn(connection, 'publish').mockImplementation((subject, payload, options?: PublishOptions) => {
      const isFirst = subject === subjects[lost] && !sent.includes(subject);
      sent.push(subject);
      if (!isFirst) publish(subject, payload, options);
    });
    await fenced.acquire();
    expect([fenced.state, sent.filter((subject) => subject === subjects[lost]).length]).toEqual(['owner', 2]);
    // A reader relies on it: all alarms before the fence are there.
    await partition.readAlarms(() => undefined);
    await store.close();
    await connection.close();
    await nats.destroy();
  });
});
