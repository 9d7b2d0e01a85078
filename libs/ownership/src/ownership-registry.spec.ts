import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNats, calmTime, untilHolds } from '@ccgame/testing';
import { CountingPartition, partitionNames, PartitionServer } from '../test/partition-server.js';
import { PartitionLost } from './fenced-partition.js';

describe('servers that share partitions', () => {
  let nats: NatsServer;
  const servers: PartitionServer[] = [];

  beforeAll(async () => {
    nats = await startNats();
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.vanish())));
  afterAll(() => nats.destroy());

  async function start(serverId: string): Promise<PartitionServer> {
    const server = await PartitionServer.start(serverId, nats.address);
    servers.push(server);
    return server;
  }

  async function untilShared(one: PartitionServer, other: PartitionServer): Promise<void> {
    const count = (): number => one.registry.owned().length + other.registry.owned().length;
    const isShared = (): boolean => other.registry.owned().length > 0 && count() === partitionNames.length;
    await untilHolds(isShared, { seen: count });
  }

  it('hand over what is to be another’s, after their last word', async () => {
    const one = await start('play-a-0');
    await one.untilOwned(partitionNames.length);
    const other = await start('play-a-1');
    await untilShared(one, other);
    const moved = other.registry.owned();
    for (const name of moved) await expect(one.lastWord(name)).resolves.toBe('last word of play-a-0');
    await one.registry.handOverAll(performance.now() + 60_000);
    expect(new Set(await other.untilOwned(partitionNames.length))).toEqual(new Set(partitionNames));
    for (const name of partitionNames)
      await expect(other.lastWord(name)).resolves.toBe('last word of play-a-0');
  });

  it('hand over one after the other: each is away alone, until its next owner answers', async () => {
    const one = await start('play-e-0');
    await one.untilOwned(partitionNames.length);
    const other = await start('play-e-1');
    await untilShared(one, other);
    const left = one.registry.owned();
    expect(left.length).toBeGreaterThan(1);
    for (const partition of other.partitions) partition.answersAfterMs = 50;
    const away: string[] = [];
    for (const partition of one.partitions.filter(({ name }) => left.includes(name))) {
      const handOver = partition.handOver.bind(partition);
      partition.handOver = async () => {
        const answers = (name: string): boolean =>
          [one, other].some(({ partitions }) => partitions.some((at) => at.name === name && at.isAnswering));
        away.push(...left.filter((name) => name !== partition.name && !answers(name)));
        await handOver();
      };
    }
    await one.registry.handOverAll(performance.now() + 60_000);
    await other.untilOwned(partitionNames.length);
    expect(away).toEqual([]);
  });

  it('take nothing from an owner who lives, and is too busy to say so to a newcomer', async () => {
    const one = await start('play-f-0');
    await one.untilOwned(partitionNames.length);
    const publish = one.connection.publish.bind(one.connection);
    one.connection.publish = (subject, ...rest) => {
      if (subject !== 'owned-beacon') publish(subject, ...rest);
    };
    const isAsked = new Promise((resolve) => {
      one.connection.subscribe('owned-beacon.play-f-0', { callback: resolve });
    });
    const other = await start('play-f-1');
    await isAsked;
    expect(other.registry.owned()).toEqual([]);
    one.connection.publish = publish;
    await untilShared(one, other);
    for (const name of other.registry.owned())
      await expect(other.lastWord(name)).resolves.toBe('last word of play-f-0');
  });

  it('take over what a server had that is gone, long before its beacons are missed', async () => {
    const one = await start('play-b-0');
    await one.untilOwned(partitionNames.length);
    const other = await start('play-b-1');
    await untilShared(one, other);
    const calmMs = calmTime();
    await servers.shift()?.vanish();
    await other.untilOwned(partitionNames.length);
    // Four beacons are missed after 2,000 ms at the earliest.
    expect(calmMs()).toBeLessThan(1_900);
  });

  it('do not wait for an owner that was killed, though its server came back under its id', async () => {
    await (await start('play-g-0')).untilOwned(partitionNames.length);
    await servers.pop()?.vanish();
    const connection = await connect({ servers: nats.address });
    const beacon = JSON.stringify({ serverId: 'play-g-1', incarnation: 'x' });
    const beacons = setInterval(() => connection.publish('owned-beacon', beacon), 50);
    const again = await start('play-g-0');
    const startedAt = performance.now();
    const next = await start('play-g-1');
    clearInterval(beacons);
    await connection.close();
    await untilShared(again, next);
    // An owner who lives is waited for so long.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('release what they are just acquiring when they stop, as their fence stands there already', async () => {
    const one = await start('play-h-0');
    await one.untilOwned(partitionNames.length);
    const { reachedWithin } = CountingPartition.prototype;
    let begin = (): void => undefined;
    let goOn = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const reads = jest.spyOn(CountingPartition.prototype, 'reachedWithin').mockImplementation(async function (
      this: CountingPartition,
    ) {
      begin();
      await mayGoOn;
      return reachedWithin.call(this);
    });
    const other = await start('play-h-1');
    await begun;
    const acquiring = other.partitions.filter(({ fenced }) => fenced.state === 'acquiring');
    const flush = other.connection.flush.bind(other.connection);
    const hasLeft = new Promise<void>((resolve) => {
      other.connection.flush = async () => {
        await flush();
        setImmediate(resolve);
      };
    });
    const handedOver = other.registry.handOverAll(performance.now() + 60_000);
    await hasLeft;
    await nextTurn();
    goOn();
    await handedOver;
    reads.mockRestore();
    expect(acquiring.length).toBeGreaterThan(0);
    for (const partition of acquiring) {
      const holder = await partition.readHolder();
      expect(holder?.serverId === 'play-h-0' || holder?.isReleased).toBe(true);
    }
  });

  it('give up as ever what they had lost when another server came', async () => {
    const one = await start('play-i-0');
    await one.untilOwned(partitionNames.length);
    for (const { fenced } of one.partitions) {
      fenced.fail(new Error('lost by itself'));
      fenced.retryAt = Infinity;
    }
    const other = await start('play-i-1');
    for (const { fenced } of one.partitions) fenced.retryAt = 0;
    await untilShared(one, other);
    for (const name of other.registry.owned())
      await expect(other.lastWord(name)).resolves.toBe('last word of play-i-0');
  });

  it('refuse an owner who was replaced without knowing it', async () => {
    const one = await start('play-c-0');
    await one.untilOwned(partitionNames.length);
    const other = await start('play-c-1');
    await untilShared(one, other);
    const [kept] = one.registry.owned();
    const partitionOf = (server: PartitionServer) => server.partitions.find(({ name }) => name === kept);
    const [partition, twin] = [partitionOf(one), partitionOf(other)];
    await twin?.readHolder();
    await twin?.fenced.acquire();
    expect([partition?.fenced.state, twin?.fenced.state]).toEqual(['owner', 'owner']);
    await expect(partition?.storeWord('too late')).rejects.toBeInstanceOf(PartitionLost);
  });
});
