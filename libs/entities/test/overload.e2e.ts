import { jetstreamManager } from '@nats-io/jetstream';
import { Config } from '@ccgame/config';
import type { FindOptions } from '../src/call/entity-client.js';
import { EntityHost } from '../src/host/entity-host.js';
import { metrics } from '../src/metrics.js';
import { entityStreamName } from '../src/storage/jetstream/entity-stream.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import type { FoundRooms } from '../src/host/find-rooms.contract.js';
import type { Checkpoint } from '../src/live/records.js';
import { type Host, HostCluster, until } from './host-cluster.js';
import {
  Hog,
  hog,
  leaveHog,
  putInSafe,
  readTicks,
  Safe,
  setTrap,
  spoilSafe,
  Trap,
  trap,
} from './trap-room.js';

const version = '1.0.0000';

describe('a room that fails', () => {
  let cluster: HostCluster;
  let hosts: Host[];
  let caller: Host;

  beforeAll(async () => {
    cluster = await HostCluster.start(version);
    hosts = [
      await cluster.addHost(version, [Trap, Hog, Safe]),
      await cluster.addHost(version, [Trap, Hog, Safe]),
    ];
    caller = await cluster.addHost(version, []);
  }, 30_000);
  afterAll(() => cluster.stop());

  const tell = (id: string, what: string): Promise<void> => caller.client.call(setTrap, id, what);
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  /** A machine with other work may make ticks late, for which new rooms are refused for a while. */
  const make = (id: string): Promise<void> =>
    until(async () => (await codeOf(caller.client.create(trap, id))) !== 'BUSY');

  /** The last message under a subject, as JSON. */
  async function lastStored<T>(stream: string, last_by_subj: string): Promise<T | undefined> {
    const { streams } = await jetstreamManager(cluster.operator);
    return (await streams.getMessage(stream, { last_by_subj }))?.json<T>();
  }
  const storedState = (id: string): Promise<Checkpoint | undefined> => {
    const subjects = new PartitionSubjects('local', version, trap.keyOf(id));
    return lastStored(entityStreamName('local'), subjects.state(`trap.${id}`, true));
  };

  it('at tick after tick stops alone: its members are told, its state is kept, and no successor goes on with it', async () => {
    const neighbour = Array.from({ length: 20 }, (_, index) => `near-${index}`).find(
      (id) => trap.keyOf(id) === trap.keyOf('broken'),
    ) as string;
    for (const id of ['broken', neighbour]) await make(id);
    await caller.client.join(trap, 'broken', 'ann');
    const pushes: unknown[] = [];
    cluster.operator.subscribe('push.u.ann.*', {
      callback: (_error, message) => void pushes.push(message.json()),
    });
    await tell('broken', 'break');
    const look = (): Promise<unknown> => codeOf(caller.client.call(readTicks, 'broken', undefined));
    await until(async () => (await look()) === 'ENTITY_STOPPED');
    await until(async () => (await storedState('broken'))?.stopped !== undefined);
    expect(await storedState('broken')).toMatchObject({
      stopped: 'its tick failed 3 times',
      members: ['ann'],
      state: { isBroken: true },
    });
    await until(() => pushes.length > 0);
    expect(pushes[0]).toMatchObject({
      route: 'room.stopped',
      data: { kind: 'local.trap', roomId: 'broken' },
    });
    const ticks = await caller.client.call(readTicks, neighbour, undefined);
    await until(async () => (await caller.client.call(readTicks, neighbour, undefined)) > ticks + 5);
    const owns = ({ app }: Host): boolean =>
      app
        .get(EntityHost, { strict: false })
        .owned()
        .some((name) => name.endsWith(`.${trap.keyOf('broken')}`));
    await cluster.remove(hosts.find(owns) as Host);
    await until(async () => (await codeOf(tell(neighbour, 'step'))) === 'done');
    expect(await codeOf(tell('broken', 'mend'))).toBe('ENTITY_STOPPED');
    expect(await codeOf(caller.client.create(trap, 'broken'))).toBe('ENTITY_EXISTS');
  });

  it.each(['big', 'ring'])(
    'stops alone with a state that JSON can’t hold (%s), as it was stored last, and its server goes on',
    async (what) => {
      for (const id of [what, `beside-${what}`]) await make(id);
      await tell(what, 'step');
      await until(async () => (await storedState(what)) !== undefined);
      await tell(what, what);
      await until(async () => (await codeOf(tell(what, 'step'))) === 'ENTITY_STOPPED');
      await until(async () => (await storedState(what))?.stopped !== undefined);
      expect((await storedState(what))?.stopped).toMatch(/^its state is no JSON: /);
      expect((await storedState(what))?.state).not.toHaveProperty(what);
      const ticks = await caller.client.call(readTicks, `beside-${what}`, undefined);
      await until(async () => (await caller.client.call(readTicks, `beside-${what}`, undefined)) > ticks + 5);
    },
  );

  it('is no room: refuses the one input by which its state is no JSON, and goes on from before it', async () => {
    const put = (what: string): Promise<number> => caller.client.call(putInSafe, 'a', what);
    expect(await put('one')).toBe(1);
    const all = await Promise.allSettled(['two', 'big', 'three'].map(put));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(all[1]).toMatchObject({ reason: { code: 'INTERNAL', retryable: false } });
    expect(await put('four')).toBe(4);
    await caller.client.call(spoilSafe, 'a', undefined);
    await until(async () => (await put('five')) === 5);
  });

  it('by its labels alone is in no list, and others are', async () => {
    for (const id of ['cursed-1', 'blessed-1']) await make(id);
    const { rooms } = await caller.client.find(trap, { labels: { map: 'blessed' } });
    expect(rooms.map(({ id }) => id)).toEqual(['blessed-1']);
  });

  it('is in no list any more; others are found by their labels and free seats, page after page', async () => {
    const ids = Array.from({ length: 5 }, (_, index) => `ice-${index}`);
    for (const id of ids) await make(id);
    const find = (options: FindOptions): Promise<FoundRooms> =>
      caller.client.find(trap, { labels: { map: 'ice' }, ...options });
    const listPages = async (): Promise<string[][]> => {
      const first = await find({ limit: 3 });
      const second = await find({ limit: 3, after: first.next });
      expect(second.next).toBeUndefined();
      return [first, second].map(({ rooms }) => rooms.map(({ id }) => id));
    };
    const pages = [ids.slice(0, 3), ids.slice(3)];
    // A server that is slow to answer is left out.
    await until(async () => JSON.stringify(await listPages()) === JSON.stringify(pages));
    for (const player of ['bob', 'cy']) await caller.client.join(trap, 'ice-1', player);
    expect(await codeOf(caller.client.join(trap, 'ice-1', 'di'))).toBe('ROOM_FULL');
    await tell('ice-2', 'step');
    await tell('ice-3', 'break');
    let found: FoundRooms['rooms'] = [];
    await until(async () => {
      found = (await find({ labels: { map: 'ice', steps: 0 }, hasSeats: true })).rooms;
      return found.map(({ id }) => id).join() === 'ice-0,ice-4';
    });
    expect(found[0]).toEqual({
      id: 'ice-0',
      version,
      members: 0,
      capacity: 2,
      labels: { map: 'ice', steps: 0 },
    });
  });

  it('is listed as soon as all servers have answered, and without one that is gone after the time', async () => {
    const alive = hosts.filter((host) => cluster.hosts.includes(host));
    const isCounted = (count: number): boolean =>
      alive.every(({ app }) => app.get(EntityHost, { strict: false }).serverCount === count);
    await until(() => isCounted(alive.length));
    const startedAt = performance.now();
    const { rooms } = await caller.client.find(trap, { timeoutMs: 60_000 });
    expect(rooms.length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    // It has been heard of, and answers nothing.
    const beacon = { serverId: 'games-test-hangs', incarnation: 'x' };
    const timer = setInterval(() => {
      cluster.operator.publish(`entity-beacon.${Config.SERVER_TYPE}.9`, JSON.stringify(beacon));
    }, 50);
    await until(() => isCounted(alive.length + 1));
    const askedAt = performance.now();
    await caller.client.find(trap, { timeoutMs: 700 });
    expect(performance.now() - askedAt).toBeGreaterThan(650);
    clearInterval(timer);
  });

  it('at call after call stops, and goes on with errors that it throws by name', async () => {
    await make('called');
    for (let call = 0; call < 25; call += 1) expect(await codeOf(tell('called', 'refuse'))).toBe('TRAP_SHUT');
    for (let call = 0; call < 19; call += 1) expect(await codeOf(tell('called', 'fail'))).toBe('INTERNAL');
    expect(await codeOf(tell('called', 'step'))).toBe('done');
    for (let call = 0; call < 20; call += 1) expect(await codeOf(tell('called', 'fail'))).toBe('INTERNAL');
    expect(await codeOf(tell('called', 'step'))).toBe('ENTITY_STOPPED');
  });

  it('to keep its budget is named, and a server whose ticks are late makes no new rooms until they aren’t', async () => {
    let made = 0;
    const hogs = ['one', 'two', 'three'];
    for (const id of hogs) await caller.client.create(hog, id, { ms: 20 });
    await until(async () => (await codeOf(caller.client.create(trap, `more-${made++}`))) === 'BUSY');
    const { values } = await metrics.overBudget.get();
    const named = values.filter(({ value }) => value > 0.015).map(({ labels }) => labels.room);
    expect(named.sort()).toEqual(['one', 'three', 'two']);
    // Entities that are there go on, and are answered as ever.
    expect(await codeOf(caller.client.create(hog, 'one', { ms: 0 }))).toBe('ENTITY_EXISTS');
    for (const id of hogs) await caller.client.call(leaveHog, id, undefined);
    await until(async () => (await codeOf(caller.client.create(trap, `more-${made++}`))) === 'done');
    await until(async () => (await metrics.overBudget.get()).values.length === 0);
  });
});
