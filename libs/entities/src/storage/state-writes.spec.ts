import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth } from '@ccgame/nats';
import { CommitConflict, FencedPartition } from '@ccgame/ownership';
import { type NatsServer, startNats } from '@ccgame/testing';
import { acquirePartition } from '../../test/acquire-partition.js';
import type { EntityStore, PartitionStore } from './entity-store.js';
import { jetStreamStore } from './jetstream/jetstream-store.js';
import { PartitionSubjects } from './partition-subjects.js';
import { StateWrites } from './state-writes.js';

describe('the states of entities that come from another version', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: EntityStore;
  let partition: PartitionStore;
  let fenced: FencedPartition;
  let writes: StateWrites;
  let batches = 0;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    store = jetStreamStore()({ nats: connection, health: new NatsHealth(connection), serverType: 'play' });
    await store.open();
  });
  beforeEach(async () => {
    [partition, fenced] = await own('1.0.0001');
    batches = 0;
    const commit: FencedPartition['commit'] = (messages) => {
      batches += 1;
      return fenced.commit(messages);
    };
    writes = new StateWrites({ commit }, () => undefined);
  });
  afterEach(() => fenced.release());
  afterAll(async () => {
    await store.close();
    await connection.close();
    await nats.destroy();
  });

  async function own(version: string): Promise<[PartitionStore, FencedPartition]> {
    const subjects = new PartitionSubjects('play', version, 'p0');
    const opened = store.partition(subjects, { serverId: 'one', incarnation: '1' });
    await opened.readHolder();
    const events = { onOwned: () => undefined, onLost: () => undefined };
    const made = new FencedPartition(subjects.name, opened, events);
    await acquirePartition(made);
    return [opened, made];
  }

  const stateOf = (id: string, expected = 0) => ({
    subject: partition.subjects.state(`note.${id}`, false),
    payload: '{}',
    expected,
  });

  it('are stored together, and one that was written meanwhile is refused alone', async () => {
    const taken = await writes.writeState(stateOf('together-7'));
    const names = Array.from({ length: 64 }, (_, index) => `together-${index}`);
    const told = await Promise.allSettled(names.map((id) => writes.writeState(stateOf(id))));
    const refused = told.flatMap((one, index) => (one.status === 'rejected' ? [index] : []));
    expect(refused).toEqual([7]);
    expect(told[7]).toMatchObject({ reason: expect.any(CommitConflict) as CommitConflict });
    expect(batches).toBeLessThan(20);
    // Each is told where it stands, so its next write goes over that.
    const places = told.map((one) => (one.status === 'fulfilled' ? one.value : taken));
    await Promise.all(names.map((id, index) => writes.writeState(stateOf(id, places[index]))));
  });

  it('rest on the fence of the version that is gone, which counts on by itself', async () => {
    const [old, oldFenced] = await own('1.0.0000');
    old.isReleasing = true;
    await oldFenced.commit([]);
    await oldFenced.release();
    const behind = await partition.readReleasedFence('1.0.0000');
    expect(behind).toBeDefined();
    for (const group of ['a', 'b']) {
      const names = Array.from({ length: 64 }, (_, index) => `resting-${group}-${index}`);
      await Promise.all(names.map((id) => writes.writeState(stateOf(id), behind)));
    }
    expect(batches).toBeLessThan(10);
    // A server of that version has come back.
    const [, again] = await own('1.0.0000');
    const late = Array.from({ length: 64 }, (_, index) =>
      writes.writeState(stateOf(`late-${index}`), behind),
    );
    const told = await Promise.allSettled(late);
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(batches).toBeLessThan(20);
    await expect(writes.writeState(stateOf('beside'))).resolves.toBeGreaterThan(0);
    await again.release();
  });
});
