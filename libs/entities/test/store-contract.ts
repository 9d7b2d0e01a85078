import { CommitConflict, FencedPartition, PartitionLost, type WriteConflict } from '@ccgame/ownership';
import { allPartitions, assertPartitions } from '../src/storage/assert-partitions.js';
import type { EntityStore, PartitionStore } from '../src/storage/entity-store.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import { until } from './host-cluster.js';

export interface StoreUnderTest {
  /** Another server's, on the same storage. */
  openStore(): Promise<EntityStore>;
  stop(): Promise<void>;
}

interface Owner {
  store: PartitionStore;
  fenced: FencedPartition;
}

const record = (n: number): string => JSON.stringify({ inputs: [['note.a', { n }]], after: {} });
const checkpoint = (n: number, text = '…'): string =>
  JSON.stringify({
    ...{ version: '1.0.0000', stateVersion: 1, n, birth: 'x', random: 0, now: 0, tick: 0 },
    ...{ state: { text }, members: [], answers: [], outputs: [] },
  });
/** JSON, and no state, log or fence. */
const unsound = ['{}', '[]', '{"version":7}', `{"version":"1.0.0000","n":1,"birth":"x"}`, '{"inputs":7}'];

/** Promises of every `EntityStore`: those on which the entities' own rest. */
export function describeStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`entities in ${name}`, () => {
    let under: StoreUnderTest;
    const stores: EntityStore[] = [];
    let partitions = 0;
    let key = '';

    beforeAll(async () => {
      under = await start();
      stores.push(await under.openStore(), await under.openStore());
    });
    beforeEach(() => {
      key = `p${partitions++}`;
    });
    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await under.stop();
    });

    function server(index: number, version = '1.0.0000'): Owner {
      const subjects = new PartitionSubjects('play', version, key);
      const identity = { serverId: `server-${index}`, incarnation: `${index}` };
      const store = stores[index].partition(subjects, identity);
      const events = { onOwned: () => undefined, onLost: () => undefined };
      return { store, fenced: new FencedPartition(subjects.name, store, events) };
    }

    async function owner(index: number, version?: string): Promise<Owner> {
      const made = server(index, version);
      await made.fenced.acquire();
      expect(made.fenced.state).toBe('owner');
      return made;
    }

    const logMessage = ({ store }: Owner, slot: number, n: number, expected = 0) => ({
      subject: store.subjects.log(slot),
      payload: record(n),
      expected,
    });
    const stateMessage = ({ store }: Owner, id: string, n: number, expected = 0, isRoom = false) => ({
      subject: store.subjects.state(`note.${id}`, isRoom),
      payload: checkpoint(n),
      expected,
    });
    const readState = ({ store, fenced }: Owner, id: string) =>
      store.readState(`note.${id}`, false, fenced.fenceSequence);
    const inputsOf = ({ store }: Owner): number[] =>
      store.image.log.flatMap(({ record: { inputs } }) => inputs.map(([, { n }]) => n));

    it('tells some of the entities that may be out of memory, the oldest first, and how many there are', async () => {
      const one = await owner(0);
      for (const id of ['c', 'a', 'b']) await one.fenced.commit([stateMessage(one, id, 1)]);
      await one.fenced.commit([stateMessage(one, 'room', 1, 0, true)]);
      const subject = one.store.subjects.state('noted.a', false);
      await one.fenced.commit([{ subject, payload: checkpoint(1), expected: 0 }]);
      const found = ['note.c', 'note.a'].map((name) => ({ key: name, version: '1.0.0000' }));
      expect(await one.store.sampleKept('note', 2)).toEqual({ found, count: 3 });
      expect(await one.store.sampleKept('note', 10)).toMatchObject({ count: 3 });
      expect(await one.store.sampleKept('nobody', 10)).toEqual({ found: [], count: 0 });
    });

    it('refuses a server with another number of partitions than the first one, and says both', async () => {
      const [one, two] = stores.map((store) =>
        store.partition(new PartitionSubjects('play', '1.0.0000', allPartitions), {
          serverId: 'server-0',
          incarnation: '0',
        }),
      );
      await assertPartitions(one, 16);
      await assertPartitions(two, 16);
      await expect(assertPartitions(two, 32)).rejects.toThrow(/stored in 16 partitions, .* says 32/);
    });

    it('refuses an owner who was replaced, with whatever it writes, and tells its successor of all before', async () => {
      const first = await owner(0);
      await first.fenced.commit([logMessage(first, 0, 1)]);
      const fence = await first.fenced.commit([
        logMessage(first, 1, 2),
        stateMessage(first, 'room', 2, 0, true),
      ]);
      await first.fenced.commit([logMessage(first, 2, 3)]);
      const second = await owner(1);
      expect(inputsOf(second)).toEqual([1, 2, 3]);
      expect(second.store.image.states.get('note.room')).toEqual({
        checkpoint: JSON.parse(checkpoint(2)) as object,
        seq: fence + 2,
      });
      await expect(first.fenced.commit([logMessage(first, 3, 4)])).rejects.toThrow(PartitionLost);
      expect(first.fenced.state).toBe('away');
      const third = await owner(0);
      expect(inputsOf(third)).toEqual([1, 2, 3]);
      await expect(second.fenced.commit([stateMessage(second, 'b', 9)])).rejects.toThrow(PartitionLost);
      await expect(readState(third, 'b')).resolves.toEqual({ seq: 0 });
    });

    it('leaves out what is no JSON, and says so to whoever asks for it', async () => {
      const first = await owner(0);
      const bad = { ...stateMessage(first, 'bad', 1, 0, true), payload: '{"n":' };
      const kept = { ...stateMessage(first, 'kept', 1), payload: 'no JSON' };
      const log = { ...logMessage(first, 0, 1), payload: 'null' };
      await first.fenced.commit([log, bad, kept, stateMessage(first, 'good', 2, 0, true)]);
      await first.fenced.commit([logMessage(first, 1, 2)]);
      const { store, fenced } = await owner(1);
      expect([...store.image.states.keys()]).toEqual(['note.good']);
      // Its place counts.
      expect(store.image.log.map(({ slot, record: { inputs } }) => [slot, inputs.length])).toEqual([
        [0, 0],
        [1, 1],
      ]);
      for (const [id, isRoom] of [['bad', true] as const, ['kept', false] as const]) {
        const read = store.readState(`note.${id}`, isRoom, fenced.fenceSequence);
        await expect(read).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
      }
      await expect(store.sampleKept('note', 5)).resolves.toMatchObject({ count: 1 });
    });

    it.each(unsound)('leaves out %s in the place of a state or a part of the log', async (payload) => {
      const first = await owner(0);
      const bad = { ...stateMessage(first, 'bad', 1, 0, true), payload };
      const log = { ...logMessage(first, 0, 1), payload };
      await first.fenced.commit([log, bad, stateMessage(first, 'good', 2, 0, true)]);
      const { store } = await owner(1);
      expect([...store.image.states.keys()]).toEqual(['note.good']);
      expect(store.image.log.map(({ slot, record: { inputs } }) => [slot, inputs])).toEqual([[0, []]]);
    });

    it.each(['no JSON', 'null', '7', ...unsound])(
      'is owned by the next one, though its fence is %s',
      async (payload) => {
        const first = await owner(0);
        await first.fenced.commit([logMessage(first, 0, 1)]);
        const overwrite = (standing: number): Promise<number> =>
          first.store.write([{ ...first.store.fenceMessage(key, standing), payload }]);
        await overwrite(1).catch(({ standing = 0 }: WriteConflict) => overwrite(standing));
        const second = server(1);
        expect(await second.store.readHolder()).toBeUndefined();
        expect(await second.store.readReleasedFence('1.0.0000')).toBeUndefined();
        await second.fenced.acquire();
        expect(second.fenced.state).toBe('owner');
        expect(inputsOf(second)).toEqual([1]);
        await expect(first.fenced.commit([])).rejects.toThrow(PartitionLost);
      },
    );

    it('has exactly one owner, of several servers that want a partition at the same time', async () => {
      const servers = [server(0), server(1), server(0), server(1)];
      for (let round = 0; round < 5; round += 1) {
        await Promise.all(servers.map(({ fenced }) => fenced.acquire()));
        const told = await Promise.allSettled(servers.map(({ fenced }) => fenced.commit([])));
        const stored = told.filter(({ status }) => status === 'fulfilled');
        expect(stored.length).toBeLessThanOrEqual(1);
        if (stored.length === 1) return;
      }
      throw new Error('Nobody came to own it');
    });

    it('stores all of a batch or none, and leaves it its owner’s when another version wrote first', async () => {
      const [own, other] = [await owner(0), await owner(1, '1.0.0001')];
      const fence = await other.fenced.commit([stateMessage(other, 'b', 1)]);
      const batch = [logMessage(own, 0, 1), stateMessage(own, 'a', 1), stateMessage(own, 'b', 2)];
      await expect(own.fenced.commit(batch)).rejects.toThrow(CommitConflict);
      expect(own.fenced.state).toBe('owner');
      await expect(readState(own, 'a')).resolves.toEqual({ seq: 0 });
      await expect(readState(own, 'b')).resolves.toMatchObject({ checkpoint: { n: 1 }, seq: fence + 1 });
      await own.fenced.commit([logMessage(own, 0, 1), stateMessage(own, 'b', 2, fence + 1)]);
      await expect(readState(other, 'b')).resolves.toMatchObject({ checkpoint: { n: 2 } });
      await expect(other.fenced.commit([stateMessage(other, 'b', 3, fence + 1)])).rejects.toThrow(
        CommitConflict,
      );
    });

    it('takes the place of what stands there, and counts on from the fence', async () => {
      const one = await owner(0);
      const fence = await one.fenced.commit([logMessage(one, 0, 1), logMessage(one, 1, 2)]);
      await one.fenced.commit([logMessage(one, 0, 3, fence + 1)]);
      await one.fenced.commit([logMessage(one, 1, 4, fence + 2)]);
      await one.fenced.acquire();
      expect(inputsOf(await owner(1))).toEqual([3, 4]);
    });

    it('needs nothing of a log whose owner stored all of it before it gave the partition up', async () => {
      const one = await owner(0);
      const fence = await one.fenced.commit([logMessage(one, 0, 1), logMessage(one, 1, 2)]);
      Object.assign(one.store, { isReleasing: true, isLogStored: true });
      await one.fenced.commit([]);
      const next = server(1);
      await next.store.readHolder();
      await next.fenced.acquire();
      expect(inputsOf(next)).toEqual([]);
      // The places count on.
      expect(next.store.image.log.map(({ slot, seq }) => [slot, seq])).toEqual([
        [0, fence + 1],
        [1, fence + 2],
      ]);
      await next.fenced.commit([logMessage(next, 0, 3, fence + 1)]);
      const last = server(0);
      await last.store.readHolder();
      await last.fenced.acquire();
      expect(inputsOf(last)).toContain(3);
    });

    it('takes as much in one batch as the entities of a partition may have to store', async () => {
      const one = await owner(0);
      const text = 'é"\\\u0000'.repeat(100);
      const states = Array.from({ length: 300 }, (_, index) => ({
        ...stateMessage(one, `many-${index}`, index),
        payload: checkpoint(index, text),
      }));
      const large = { ...stateMessage(one, 'large', 1), payload: checkpoint(1, 'x'.repeat(800_000)) };
      const fence = await one.fenced.commit([logMessage(one, 0, 1), ...states, large]);
      await expect(readState(one, 'many-299')).resolves.toEqual({
        checkpoint: JSON.parse(checkpoint(299, text)) as object,
        seq: fence + 301,
      });
      await expect(readState(one, 'large')).resolves.toMatchObject({ seq: fence + 302 });
    });

    it('forgets what is kept for a time alone', async () => {
      const one = await owner(0);
      const { subjects } = one.store;
      await one.fenced.commit([
        { ...stateMessage(one, 'ended', 1), ttlSeconds: 1 },
        { subject: subjects.alarm('note.a'), payload: '17' },
        { subject: subjects.alarm('note.b'), payload: '18' },
      ]);
      await one.fenced.commit([{ subject: subjects.alarm('note.b'), payload: '', ttlSeconds: 1 }]);
      const due: [string, number][] = [];
      await one.store.readAlarms((entity, at) => due.push([entity, at]));
      expect(due).toEqual([['note.a', 17]]);
      await expect(one.store.readAlarm('note.a', one.fenced.fenceSequence)).resolves.toBe(17);
      await expect(one.store.readAlarm('note.b', one.fenced.fenceSequence)).resolves.toBeUndefined();
      await until(async () => (await readState(one, 'ended')).seq === 0);
      await expect(one.fenced.commit([stateMessage(one, 'ended', 2, 7)])).rejects.toThrow(CommitConflict);
      expect(one.fenced.state).toBe('owner');
      await one.fenced.commit([stateMessage(one, 'ended', 2, 0)]);
      await expect(readState(one, 'ended')).resolves.toMatchObject({ checkpoint: { n: 2 } });
    });

    it('says whether the last owner of another version gave the partition up', async () => {
      const [own, other] = [await owner(0), await owner(1, '1.0.0001')];
      await expect(own.store.readReleasedFence('1.0.0001')).resolves.toBeUndefined();
      other.store.isReleasing = true;
      await other.fenced.commit([]);
      const fence = await own.store.readReleasedFence('1.0.0001');
      expect(fence).toMatchObject({ subject: other.store.subjects.fence });
      // Written over by the owner that goes on with what it had, so its server has to acquire it anew.
      await own.fenced.commit(fence ? [fence] : []);
      await expect(other.fenced.commit([])).rejects.toThrow(PartitionLost);
      await expect(other.store.readHolder()).resolves.toMatchObject({ serverId: 'server-1' });
    });
  });
}
