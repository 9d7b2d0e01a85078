import type { INestApplicationContext } from '@nestjs/common';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION, NatsHealth, Patience } from '@ccgame/nats';
import { headersOf } from '@ccgame/rpc';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { TcpProxy } from '../../../rpc/test/tcp-proxy.js';
import { Got } from '../../test/got.js';
import { openProcess, until } from '../../test/process.js';
import { PushService } from '../push/push.service.js';
import { pushStreamName, whenPushLogMade } from '../push/push-stream.js';
import { doubtHeader, logSubject, storedHeader } from '../push/subjects.js';
import { Delivery } from './delivery.js';

describe('pushes', () => {
  let nats: NatsServer;
  let server: INestApplicationContext;
  let push: PushService;
  let delivery: Delivery;

  beforeAll(async () => {
    nats = await startNats();
    server = await openProcess('connector-0', nats.address, [Delivery]);
    push = server.get(PushService);
    delivery = server.get(Delivery);
    await delivery.start();
  });
  afterAll(async () => {
    await server.close();
    await nats.destroy();
  });

  /** A log as young as a try is long may have been made after the first try: a busy process hears its age late. */
  async function untilLogIsOld(): Promise<void> {
    const connection = server.get<NatsConnection>(NATS_CONNECTION);
    await untilHolds(async () => performance.now() - (await whenPushLogMade(connection)) > 3_000);
  }

  it('that may have been stored longer ago than the log knows are a gap, once, and come to nobody twice', async () => {
    await untilLogIsOld();
    const got = new Got();
    const feed = delivery.openFeed('doubt', got);
    const { position } = await feed.open();
    feed.close();
    const resumed = delivery.openFeed('doubt', got);
    await resumed.open(position);
    const log = await jetstreamManager(server.get<NatsConnection>(NATS_CONNECTION));
    for (const number of [0, 1]) await push.toPlayer('doubt', 'n', number, { id: `d${number}` });
    await until(() => got.numbers.length === 2);
    // As after a minute.
    await log.streams.purge(pushStreamName, { filter: 'push.u.doubt.*' });
    const { length } = got.starts;
    await push.toPlayer('doubt', 'n', 0, { id: 'd0', triedAgoMs: 61_000 });
    await push.toPlayer('doubt', 'n', 1, { id: 'd1', triedAgoMs: 61_000 });
    await push.toPlayer('doubt', 'n', 2, { id: 'd2', triedAgoMs: 10 });
    await until(() => got.numbers.includes(2));
    expect(got.numbers).toEqual([0, 1, 2]);
    expect(got.starts.slice(length)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
    expect(got.starts.at(-1)?.position).toBeGreaterThan(position);
    resumed.close();
    const late = delivery.openFeed('doubt', new Got());
    expect(await late.open(position)).toMatchObject({ recovered: false, notRecovered: 'expired' });
    late.close();
  });

  it.each(['1', '0', 'true'])(
    'that an older server marked by %j are as old as the log can forget: a gap, but to one who has just begun or lost the session',
    async (mark) => {
      const all = [new Got(), new Got(), new Got()];
      const [old, fresh, lost] = all;
      const player = `marked${mark}`;
      const feeds = all.map((got) => delivery.openFeed(player, got));
      const { position } = await feeds[1].open();
      await feeds[0].open(position);
      await feeds[2].open(position, true);
      const fields = headersOf({ [storedHeader]: '1', [doubtHeader]: mark });
      const body = JSON.stringify({ route: 'n', data: 0 });
      await jetstream(server.get<NatsConnection>(NATS_CONNECTION)).publish(logSubject(player, 'm'), body, {
        headers: fields,
      });
      await push.toPlayer(player, 'n', 1);
      await until(() => all.every(({ numbers }) => numbers.includes(1)));
      expect(all.map(({ numbers }) => numbers)).toEqual([[1], [1], [1]]);
      expect([fresh.starts, lost.starts]).toEqual([[expect.anything()], [expect.anything()]]);
      expect(old.starts.slice(1)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
      for (const feed of feeds) feed.close();
    },
  );

  describe('of a process whose acks went with the push log', () => {
    let proxy: TcpProxy;
    let backEnd: INestApplicationContext;
    let lost: PushService;

    beforeAll(async () => {
      proxy = await TcpProxy.start(Number(new URL(nats.address).port));
      backEnd = await openProcess('matching-0', proxy.address);
      lost = backEnd.get(PushService);
    });
    afterAll(async () => {
      await backEnd.close();
      await proxy.stop();
    });

    /** Delivered before NATS was killed, and sent again to the log that was made after that. */
    it('come to nobody twice, and a player who was told of the gap is told of no other', async () => {
      const got = new Got();
      const feed = delivery.openFeed('twice', got);
      await feed.open();
      proxy.holdAnswers();
      const sent = lost.toPlayer('twice', 'n', 0);
      await until(() => got.numbers.length === 1);
      proxy.cut();
      await nats.restartEmpty();
      await until(() => got.starts.length === 2);
      proxy.mend();
      await sent;
      await lost.toPlayer('twice', 'n', 1);
      await until(() => got.numbers.includes(1));
      expect(got.numbers).toEqual([0, 1]);
      expect(got.starts.slice(1)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
      feed.close();
    });

    it('come once where the log is the same, also to a player who has just begun', async () => {
      await untilLogIsOld();
      const got = new Got();
      const feed = delivery.openFeed('once', got);
      await feed.open();
      proxy.holdAnswers();
      const sent = lost.toPlayer('once', 'n', 0);
      await until(() => got.numbers.length === 1);
      proxy.cut();
      const unsent = lost.toPlayer('other', 'n', 2);
      await nats.restart();
      proxy.mend();
      await Promise.all([sent, unsent]);
      await lost.toPlayer('once', 'n', 1);
      await until(() => got.numbers.includes(1));
      expect(got.numbers).toEqual([0, 1]);
      expect(got.starts).toHaveLength(1);
      feed.close();
    });
  });

  it('whose ack was lost with a log that was deleted under them come to nobody twice', async () => {
    const got = new Got();
    const feed = delivery.openFeed('late', got);
    await feed.open();
    const connection = server.get<NatsConnection>(NATS_CONNECTION);
    const publish = connection.publish.bind(connection);
    const spy = jest.spyOn(connection, 'publish').mockImplementation((subject, payload, options) => {
      if (!subject.startsWith('push.u.late.')) return publish(subject, payload, options);
      spy.mockRestore();
      publish(subject, payload, { ...options, reply: 'nobody.hears' });
    });
    // On a busy machine the repeat would come before the deletion, and find the push.
    const unhurried = jest.spyOn(Patience.prototype, 'spendRepeat').mockReturnValue(false);
    let isDeleted = false;
    const endDeletions = server
      .get(NatsHealth)
      .deletions.onDeleted(pushStreamName, () => void (isDeleted = true));
    const sent = push.toPlayer('late', 'n', 0);
    await until(() => got.numbers.length === 1);
    await (await jetstreamManager(connection)).streams.delete(pushStreamName);
    await until(() => isDeleted);
    endDeletions();
    unhurried.mockRestore();
    await sent;
    await push.toPlayer('late', 'n', 1);
    await until(() => got.numbers.includes(1));
    expect(got.numbers).toEqual([0, 1]);
    expect(got.starts.slice(1)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
    feed.close();
  });

  it('that another process sent before the log was made anew are a gap, unless one was told after that', async () => {
    const [old, fresh] = [new Got(), new Got()];
    const feeds = [old, fresh].map((got) => delivery.openFeed('remade', got));
    // The state that was fetched then lacks the first push.
    await feeds[0].open();
    const triedAt = performance.now();
    await push.toPlayer('remade', 'n', 0, { id: 'r0' });
    await until(() => old.numbers.length === 1);
    const log = await jetstreamManager(server.get<NatsConnection>(NATS_CONNECTION));
    await log.streams.delete(pushStreamName);
    await until(() => delivery.isReady);
    await push.toPlayer('remade', 'n', 1);
    await feeds[1].open();
    await push.toPlayer('remade', 'n', 0, { id: 'r0', triedAgoMs: performance.now() - triedAt });
    await push.toPlayer('remade', 'n', 2, { id: 'r2' });
    await until(() => [old, fresh].every(({ numbers }) => numbers.includes(2)));
    expect(old.numbers).toEqual([0, 1, 2]);
    expect(old.starts.slice(1)).toMatchObject([{ recovered: false, notRecovered: 'expired' }]);
    expect(fresh.numbers).toEqual([2]);
    expect(fresh.starts).toHaveLength(1);
    for (const feed of feeds) feed.close();
  });
});
