import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { Got } from '../../test/got.js';
import { openProcess, sleep, until } from '../../test/process.js';
import { PushService } from '../push/push.service.js';
import { pushStreamName } from '../push/push-stream.js';
import { Delivery } from './delivery.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('pushes', () => {
  let nats: NatsServer;
  let backEnd: INestApplicationContext;
  let connectors: INestApplicationContext[];
  let push: PushService;
  let first: Delivery;
  let second: Delivery;

  beforeAll(async () => {
    nats = await startNats();
    backEnd = await openProcess('matching-0', nats.address);
    connectors = [
      await openProcess('connector-0', nats.address, [Delivery]),
      await openProcess('connector-1', nats.address, [Delivery]),
    ];
    push = backEnd.get(PushService);
    [first, second] = connectors.map((connector) => connector.get(Delivery));
    await Promise.all([first.start(), second.start()]);
  });
  afterAll(async () => {
    await Promise.all([backEnd, ...connectors].map((process) => process.close()));
    await nats.destroy();
  });

  it('come once and in order to a player, though all were sent at once', async () => {
    const got = new Got();
    const feed = first.openFeed('anna', got);
    await feed.open();
    await Promise.all(upTo(500).map((number) => push.toPlayer('anna', 'n', number)));
    await until(() => got.numbers.length >= 500);
    expect(got.numbers).toEqual(upTo(500));
    feed.close();
  });

  it('that were missed come first when a player resumes on another connector', async () => {
    const before = new Got();
    const feed = first.openFeed('ben', before);
    await feed.open();
    for (const number of upTo(3)) await push.toPlayer('ben', 'n', number);
    await until(() => before.numbers.length === 3);
    const { position } = before;
    feed.close();
    const sending = Promise.all(upTo(40).map((number) => push.toPlayer('ben', 'n', number + 3)));
    const after = new Got();
    const resumed = second.openFeed('ben', after);
    const start = await resumed.open(position);
    await sending;
    await until(() => before.numbers.length + after.numbers.length >= 43);
    expect(start).toMatchObject({ recovered: true, position });
    expect([...before.numbers, ...after.numbers]).toEqual(upTo(43));
    resumed.close();
  });

  it('that were sent before a session began are not brought to it, nor to the player who resumes it', async () => {
    for (const number of upTo(5)) await push.toPlayer('new', 'n', number);
    const fresh = first.openFeed('new', new Got());
    const { position } = await fresh.open();
    fresh.close();
    await push.toPlayer('new', 'n', 5);
    const got = new Got();
    const resumed = second.openFeed('new', got);
    expect(await resumed.open(position)).toMatchObject({ recovered: true, missed: 1 });
    expect(got.numbers).toEqual([5]);
    resumed.close();
  });

  it('are all replayed when there are more than one direct read gives', async () => {
    const before = first.openFeed('many', new Got());
    const { position } = await before.open();
    before.close();
    await Promise.all(upTo(1500).map((number) => push.toPlayer('many', 'n', number)));
    const got = new Got();
    const feed = second.openFeed('many', got);
    expect(await feed.open(position)).toMatchObject({ recovered: true, missed: 1500 });
    expect(got.numbers).toEqual(upTo(1500));
    feed.close();
  });

  it('that are volatile come without a place', async () => {
    const got = new Got();
    const feed = first.openFeed('vera', got);
    await feed.open();
    await push.toPlayer('vera', 'n', 7, { volatile: true });
    await until(() => got.volatile.length === 1);
    expect(got.volatile).toEqual([7]);
    feed.close();
  });

  it('of a topic come once to each connector that has followers, and to each of those, until they end that', async () => {
    const topic = 'dice.table.r1';
    const nats = backEnd.get<NatsConnection>(NATS_CONNECTION);
    const spy = connectors.map((connector) =>
      jest.spyOn(connector.get<NatsConnection>(NATS_CONNECTION), 'subscribe'),
    );
    const subscribed = (): number[] =>
      spy.map(({ mock }) => mock.calls.filter(([subject]) => subject === `deliver.t.${topic}`).length);
    const players = ['fay', 'gus', 'hal', 'ida'];
    const gots = players.map(() => new Got());
    const feeds = players.map((player, place) => (place < 3 ? first : second).openFeed(player, gots[place]));
    await Promise.all(feeds.map((feed) => feed.open()));
    // The last one sees nothing of it.
    for (const player of players.slice(0, 3)) push.topics.startFollowing(player, topic, 'n', '0');
    await until(() => gots.slice(0, 3).every(({ volatile }) => volatile.length === 1));
    await connectors[0].get<NatsConnection>(NATS_CONNECTION).flush();
    expect(subscribed()).toEqual([1, 0]);
    for (const number of upTo(50).slice(1)) push.topics.pushToTopic(topic, 'n', String(number));
    await until(() => gots.slice(0, 3).every(({ volatile }) => volatile.length === 50));
    push.topics.stopFollowing('fay', topic, 'n', '50');
    feeds[1].close();
    await until(() => gots[0].volatile.length === 51);
    push.topics.endTopic(topic, 'n', '51');
    await until(() => gots[2].volatile.length === 51);
    // Nobody listens there any more.
    await Promise.all(connectors.map((connector) => connector.get<NatsConnection>(NATS_CONNECTION).flush()));
    await expect(nats.request(`deliver.t.${topic}`, '', { timeout: 2_000 })).rejects.toThrow(
      /no responders/i,
    );
    expect(gots.map(({ volatile }) => volatile)).toEqual([upTo(51), upTo(50), [...upTo(50), 51], []]);
    for (const feed of feeds) feed.close();
    for (const one of spy) one.mockRestore();
  });

  it('of the player’s own room come on, whatever number of others the player looks at', async () => {
    const got = new Got();
    const feed = first.openFeed('kim', got);
    await feed.open();
    push.topics.startFollowing('kim', 'dice.own.r', 'n', '0', true);
    for (const number of upTo(20).slice(1))
      push.topics.startFollowing('kim', `dice.other.r${number}`, 'n', '0');
    await until(() => got.volatile.length === 20);
    await connectors[0].get<NatsConnection>(NATS_CONNECTION).flush();
    // The first of the others are left for the last.
    push.topics.pushToTopic('dice.other.r1', 'n', '1');
    push.topics.pushToTopic('dice.own.r', 'n', '2');
    push.topics.pushToTopic('dice.other.r19', 'n', '3');
    await until(() => got.volatile.includes(3));
    expect(got.volatile.slice(20)).toEqual([2, 3]);
    feed.close();
  });

  it('of a topic are not taken from anything but a push service', async () => {
    const got = new Got();
    const feed = first.openFeed('jo', got);
    await feed.open();
    const nats = backEnd.get<NatsConnection>(NATS_CONNECTION);
    const hostile = headers();
    hostile.set('Push-Volatile', '1');
    hostile.set('Push-Topic', '+dice.table.>');
    nats.publish('deliver.u.jo', '{"route":"n","data":0}', { headers: hostile });
    push.topics.startFollowing('jo', 'dice.table.r2', 'n', '1');
    await until(() => got.volatile.length === 2);
    await connectors[0].get<NatsConnection>(NATS_CONNECTION).flush();
    nats.publish('deliver.t.dice.table.r2', '{"route":"n","data":7}');
    push.topics.pushToTopic('dice.table.r3', 'n', '8');
    push.topics.pushToTopic('dice.table.r2', 'n', '9');
    await until(() => got.volatile.includes(9));
    expect(got.volatile).toEqual([0, 1, 9]);
    feed.close();
  });

  it('are known to be lost for a position that is too old, or of the future', async () => {
    const stale = first.openFeed('eve', new Got());
    const start = await stale.open(1);
    expect(start).toMatchObject({ notRecovered: 'expired' });
    const ahead = first.openFeed('eve', new Got());
    expect(await ahead.open(start.position + 1e6)).toMatchObject({ notRecovered: 'ahead' });
    stale.close();
    ahead.close();
  });

  it('come once and in order across a killed NATS, sent and received', async () => {
    const got = new Got();
    const feed = first.openFeed('kim', got);
    await feed.open();
    let isSending = true;
    let sent = 0;
    const sending = (async () => {
      while (isSending) {
        await push.toPlayer('kim', 'n', sent++);
        await sleep(1);
      }
    })();
    for (let kill = 0; kill < 3; kill += 1) {
      await sleep(300);
      await nats.restart('SIGKILL');
      await until(() => first.isReady);
    }
    await sleep(300);
    isSending = false;
    await sending;
    await until(() => got.numbers.length >= sent);
    expect(got.numbers).toEqual(upTo(sent));
    expect(got.starts).toHaveLength(1);
    feed.close();
  });

  it('go on in a log that is made anew, and who was away then is told', async () => {
    const got = new Got();
    const feed = first.openFeed('lou', got);
    const before = await feed.open();
    await push.toPlayer('lou', 'n', 0);
    await until(() => got.numbers.length === 1);
    const manager = await jetstreamManager(backEnd.get<NatsConnection>(NATS_CONNECTION));
    await manager.streams.delete(pushStreamName);
    await push.toPlayer('lou', 'n', 1);
    await until(() => got.numbers.length === 2);
    expect(got.starts).toHaveLength(1);
    const late = second.openFeed('lou', new Got());
    expect(await late.open(before.position)).toMatchObject({ recovered: false, notRecovered: 'expired' });
    feed.close();
    late.close();
  });

  it('tell every player when NATS has lost the log', async () => {
    const got = new Got();
    const feed = first.openFeed('max', got);
    await feed.open();
    await nats.restartEmpty();
    await until(() => got.starts.length === 2);
    expect(got.starts[1]).toMatchObject({ recovered: false, notRecovered: 'expired' });
    await push.toPlayer('max', 'n', 1);
    await until(() => got.numbers.length === 1);
    feed.close();
  });

  it('have one log, though many servers begin at once', async () => {
    const nats = await startNats();
    const processes = await Promise.all(
      upTo(6).map((index) => openProcess(`matching-${index}`, nats.address)),
    );
    const manager = await jetstreamManager(processes[0].get<NatsConnection>(NATS_CONNECTION));
    const names = await manager.streams.names('push.u.*.*').next();
    expect(names).toEqual([pushStreamName]);
    await Promise.all(processes.map((process) => process.close()));
    await nats.destroy();
  });
});
