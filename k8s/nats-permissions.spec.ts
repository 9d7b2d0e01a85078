import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { jetstreamManager } from '@nats-io/jetstream';
import { untilHolds } from '@ccgame/testing';
import { storage } from '../game/src/storage.js';
import { NatsOfManifests, type User } from './nats-of-manifests.js';

/** All that take part in the game: whoever breaks into one has its user. */
const types = ['connector', 'http', 'matching', 'cron', 'storage', 'arena', 'backup'] as const;
/** The work of some, by the part of JetStream's API. */
const own: Partial<Record<User, string[]>> = {
  storage: ['STREAM.CREATE', 'STREAM.UPDATE'],
  backup: ['STREAM.SNAPSHOT'],
};
const serverOnly = 'rpc.any.matching.1_0_0000.take_ticket';

describe.each(['single', 'cluster'] as const)('the accounts of nats/%s', (kind) => {
  let server: NatsOfManifests;
  const connections = {} as Record<User, NatsConnection>;

  beforeAll(async () => {
    server = await NatsOfManifests.start(kind);
    for (const user of [...types, 'operator'] as const) connections[user] = await server.as(user);
    const manager = await jetstreamManager(connections.operator);
    // It takes messages for later, as none of ours does.
    const push = { name: 'PUSH', subjects: ['push.u.*.*'], allow_direct: true };
    await manager.streams.add({ ...push, allow_msg_schedules: true });
    await manager.consumers.add('PUSH', { durable_name: 'somebody', ack_policy: 'explicit' });
  }, 60_000);

  afterAll(() => server.close());

  /** Whether something that this user does reaches somebody who may hear everything. */
  async function reaches(
    subject: string,
    user: User,
    act: (connection: NatsConnection) => void,
  ): Promise<boolean> {
    const subscription = connections.operator.subscribe(subject);
    await connections.operator.flush();
    act(connections[user]);
    await connections[user].flush();
    // JetStream has done all that follows from it when its answer to a later question has come.
    await connections.operator.request('$JS.API.STREAM.INFO.PUSH');
    await connections.operator.flush();
    subscription.unsubscribe();
    return subscription.getReceived() > 0;
  }

  it.each<[User, string]>([
    ['connector', 'client.any.matching.1_0_0000.user_join_matching'],
    ['connector', 'rpc.id.matching.matching-prod-v100000-0.$alive'],
    ['connector', '_INBOX.someone.1'],
    ['connector', 'push.u.$mark.1'],
    ['matching', 'push.u.player.1'],
    ['connector', '$KV.sessions.player'],
    ['connector', '$KV.sessions.lease.q8'],
    ['http', 'rpc.any.matching.1_0_0000.count'],
    ['matching', 'rpc.all.connector.every.count'],
    ['cron', 'leaderboards.result.duel.match'],
    ['http', 'leaderboards.result.duel.match'],
    ['http', 'leaderboards.score.duel.all.player'],
    ['http', 'leaderboards.period.duel.all'],
    ['http', 'leaderboards.cursor.duel'],
    ['cron', 'leaderboards.settled.duel.all.head'],
    ['cron', '$JS.API.STREAM.PURGE.LEADERBOARDS'],
    ['cron', '$JS.API.STREAM.PURGE.LEADERBOARDS_SETTLED'],
    ['storage', '$JS.API.STREAM.CREATE.MATCHES'],
    ['operator', 'client.any.matching.1_0_0000.user_join_matching'],
  ])('let %s publish to %s', async (user, subject) => {
    expect(await reaches(subject, user, (connection) => connection.publish(subject))).toBe(true);
  });

  it.each<[User, string]>([
    ['connector', serverOnly],
    ['connector', 'rpc.id.matching.matching-prod-v100000-0.take_ticket'],
    ['connector', 'rpc.all.matching.every.take_ticket'],
    ['connector', 'rpc.key.matching.1_0_0000.duel.take_ticket'],
    ['connector', 'push.u.player.1'],
    ['connector', 'deliver.u.player'],
    ['connector', 'deliver.t.arena.arena.room'],
    ['matching', 'deliver.t.arena.arena.room'],
    ['connector', '$KV.releases.production'],
    ['connector', '$KV.bindings.player.arena.arena'],
    ['connector', 'matches.ticket.player'],
    ['connector', 'leaderboards.result.duel.match'],
    ['connector', 'leaderboards.score.duel.all.player'],
    ['http', 'leaderboards.settled.duel.all.head'],
    ['matching', 'leaderboards.score.duel.all.player'],
    ['matching', 'leaderboards.cursor.duel'],
    ['matching', 'leaderboards.period.duel.all'],
    ['matching', 'leaderboards.settled.duel.all.head'],
    ['http', '$JS.API.STREAM.PURGE.LEADERBOARDS'],
    ['matching', '$JS.API.STREAM.PURGE.LEADERBOARDS'],
    ['http', '$JS.API.STREAM.PURGE.LEADERBOARDS_SETTLED'],
    ['cron', '$JS.API.STREAM.PURGE.LEADERBOARD_RESULTS'],
    ['http', 'client.any.matching.1_0_0000.user_join_matching'],
    ['matching', 'client.any.matching.1_0_0000.user_join_matching'],
    ['cron', 'client.any.matching.1_0_0000.user_join_matching'],
    ['http', '$KV.releases.production'],
    ['matching', '$KV.releases.production'],
    ['cron', '$KV.releases.production'],
    ['storage', '$KV.releases.production'],
    ['http', 'push.u.player.1'],
    ['cron', 'push.u.player.1'],
    ['http', '$KV.sessions.player'],
    ['matching', '$KV.sessions.lease.q8'],
    ['matching', '$KV.guests.device'],
    ['matching', 'leaderboards.result.duel.match'],
    ['storage', serverOnly],
  ])('keep %s from publishing to %s', async (user, subject) => {
    expect(await reaches(subject, user, (connection) => connection.publish(subject))).toBe(false);
  });

  /** Whether this user hears what somebody who may publish everything says there. */
  async function hears(user: User, subject: string): Promise<boolean> {
    const subscription = connections[user].subscribe(subject, { callback: () => {} });
    await connections[user].flush();
    connections.operator.publish(subject.replace('>', 'x'));
    await connections.operator.flush();
    await connections[user].flush();
    const count = subscription.getReceived();
    subscription.unsubscribe();
    return count > 0;
  }

  it.each<[User, string]>([
    ['connector', '_INBOX.connector.>'],
    ['connector', 'deliver.u.player'],
    ['connector', 'deliver.t.arena.arena.room'],
    ['connector', 'rpc.all.connector.every.move_sessions'],
    ['connector', 'rpc.id.connector.connector-prod-v100000-0.move_sessions'],
    ['connector', 'rpc.id.connector.connector-prod-v100000-0.$alive'],
    ['connector', '$KV.releases.>'],
    ['connector', '$KV.bindings.>'],
    ['matching', 'rpc.any.matching.1_0_0000.count'],
    ['http', 'leaderboards.result.duel.match'],
  ])('let %s hear %s', async (user, subject) => {
    expect(await hears(user, subject)).toBe(true);
  });

  it.each<[User, string]>([
    ['connector', '_INBOX.matching.>'],
    ['connector', '_INBOX.>'],
    ['connector', 'rpc.any.matching.>'],
    ['connector', 'client.any.matching.>'],
    ['connector', 'rpc.id.matching.>'],
    ['connector', 'rpc.id.*.matching-prod-v100000-0.take_ticket'],
    ['connector', 'rpc.id.>'],
    ['connector', 'client.id.matching.>'],
    ['connector', '*.id.>'],
    ['connector', 'matches.>'],
    ['connector', 'leaderboards.>'],
    ['connector', 'push.>'],
    ['connector', '>'],
  ])('keep %s from hearing %s', async (user, subject) => {
    expect(await hears(user, subject)).toBe(false);
  });

  it.each(types)('keep %s from hearing more than its own', async (user) => {
    const others = types.filter((type) => type !== user);
    const all = [
      '>',
      '*.>',
      '_INBOX.>',
      'rpc.>',
      'client.>',
      'push.>',
      '$KV.>',
      '$JS.>',
      'leaderboards.>',
      'matches.>',
    ];
    for (const subject of [...all, ...others.flatMap((type) => [`_INBOX.${type}.>`, `rpc.any.${type}.>`])])
      expect([subject, await hears(user, subject)]).toEqual([subject, false]);
  });

  it.each(types)('keep %s from streams that it does not own', async (user) => {
    const verbs = [
      'CREATE',
      'UPDATE',
      'DELETE',
      'PURGE',
      'MSG.DELETE',
      'MSG.GET',
      'RESTORE',
      'SNAPSHOT',
      'LEADER.STEPDOWN',
    ];
    for (const verb of verbs.filter((one) => !own[user]?.includes(`STREAM.${one}`)))
      for (const stream of ['KV_releases', 'PUSH', 'MATCHES', 'KV_guests', 'STOLEN']) {
        const subject = `$JS.API.STREAM.${verb}.${stream}`;
        expect([subject, await reaches(subject, user, (one) => one.publish(subject, '{}'))]).toEqual([
          subject,
          false,
        ]);
      }
    for (const subject of [
      '$JS.API.CONSUMER.CREATE.PUSH',
      '$JS.API.CONSUMER.LIST.PUSH',
      '$JS.API.CONSUMER.CREATE.PUSH.mine.push.u.x.1',
      '$JS.API.CONSUMER.DURABLE.CREATE.PUSH.mine',
      ...['MSG.NEXT', 'DELETE', 'INFO', 'PAUSE', 'RESET', 'UNPIN', 'LEADER.STEPDOWN'].map(
        (verb) => `$JS.API.CONSUMER.${verb}.PUSH.somebody`,
      ),
      '$JS.ACK.PUSH.somebody.1.1.1.1.0',
      '$JS.FC.PUSH.somebody.x',
      '$JS.SNAPSHOT.RESTORE.PUSH.x',
      '$JS.API.ACCOUNT.PURGE.GAME',
      '$JS.API.SERVER.REMOVE',
      '$JS.API.META.LEADER.STEPDOWN',
      '$JS.API.STREAM.NAMES',
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.SERVER.PING.CONNZ',
      '$SYS.REQ.ACCOUNT.GAME.CONNZ',
      '$SYS.ACCOUNT.GAME.CONNECT',
      '$KV.releases.production',
      '$KV.sanctions.ban.anna',
      '$KV.modes.duel',
    ])
      expect([subject, await reaches(subject, user, (one) => one.publish(subject, '{}'))]).toEqual([
        subject,
        false,
      ]);
  });

  /** Ways in which JetStream would deliver a user's message where it may not publish itself. */
  const detoursTo = (target: string): Record<string, (connection: NatsConnection) => void> => ({
    'a new stream that republishes': ask(target, 'STREAM.CREATE.STOLEN', {
      name: 'STOLEN',
      subjects: ['session.stolen'],
      republish: { src: 'session.stolen', dest: target },
    }),
    'a new stream with a source': ask(target, 'STREAM.CREATE.STOLEN', {
      name: 'STOLEN',
      sources: [{ name: 'PUSH', subject_transforms: [{ src: 'push.u.*.*', dest: target }] }],
    }),
    'a stream that is made to republish': ask(target, 'STREAM.UPDATE.PUSH', {
      name: 'PUSH',
      subjects: ['push.u.*.*'],
      republish: { src: '>', dest: target },
    }),
    'a push consumer': ask(target, 'CONSUMER.CREATE.PUSH', {
      stream_name: 'PUSH',
      config: { deliver_subject: target, ack_policy: 'none', deliver_policy: 'all' },
    }),
    'a durable push consumer': ask(target, 'CONSUMER.DURABLE.CREATE.PUSH.mine', {
      stream_name: 'PUSH',
      config: {
        durable_name: 'mine',
        deliver_subject: target,
        ack_policy: 'none',
        deliver_policy: 'all',
      },
    }),
    'a pull with a reply subject': ask(target, 'CONSUMER.MSG.NEXT.PUSH.somebody', { batch: 1 }),
    'an acknowledgement that asks for the next': (connection) =>
      connection.publish('$JS.ACK.PUSH.somebody.1.1.1.1.0', '+NXT', { reply: target }),
    'a snapshot': ask(target, 'STREAM.SNAPSHOT.PUSH', { deliver_subject: target }),
    'a message got by its number': ask(target, 'STREAM.MSG.GET.PUSH', { seq: 1 }),
    'a trace of a message': (connection) => {
      const given = headers();
      given.set('Nats-Trace-Dest', target);
      connection.publish('push.u.$mark.9', 'x', { headers: given });
    },
  });

  const ofStorage = Object.keys(detoursTo('')).slice(0, 3);
  const ownDetours: Partial<Record<User, string[]>> = { storage: ofStorage, backup: ['a snapshot'] };
  const tried = types.flatMap((user) =>
    Object.keys(detoursTo(''))
      .filter((detour) => !ownDetours[user]?.includes(detour))
      .map((detour) => [user, detour] as const),
  );

  it.each(tried)('keep %s from where it may not publish by %s', async (user, detour) => {
    connections.connector.publish('push.u.$mark.3', 'mine');
    // For servers alone; a back end may call it, and none may write the release table.
    const target = user === 'connector' ? serverOnly : '$KV.releases.production';
    expect(await reaches(target, user, detoursTo(target)[detour])).toBe(false);
  });

  it.each(Object.keys(detoursTo('')))('know that %s is a way, for those who may do it', async (detour) => {
    const subscription = connections.matching.subscribe('rpc.any.matching.>', { max: 1 });
    await connections.matching.flush();
    connections.operator.publish('push.u.player.4', 'mine');
    detoursTo(serverOnly)[detour](connections.operator);
    for await (const message of subscription) expect(message.sid).toBe(subscription.getID());
  });

  /** Whether it is stored in the stream of pushes. By a message for later it comes there, and to another subject of that stream only. */
  async function isStored(subject: string): Promise<boolean> {
    const { streams } = await jetstreamManager(connections.operator);
    return (await streams.getMessage('PUSH', { last_by_subj: subject })) !== null;
  }

  /** Whether a message for later of this user's reaches a player, to whom it may push nothing by itself. */
  async function reachesLater(user: User): Promise<boolean> {
    const [target, after] = [`push.u.player.${user}`, `push.u.after.${user}`];
    connections[user].publish('push.u.$mark.10', 'x', { headers: forLater(target) });
    await connections[user].flush();
    // JetStream has done what it does of the first one when it has stored the one after it.
    connections.operator.publish('push.u.$mark.11', 'x', { headers: forLater(after) });
    await untilHolds(() => isStored(after));
    return isStored(target);
  }

  it.each(types.filter((type) => !['connector', 'matching', 'arena'].includes(type)))(
    'keep %s from pushing by a message for later',
    async (user) => {
      expect(await reachesLater(user)).toBe(false);
    },
  );

  it('know that a message for later is a way, for a connector too: none of our streams takes one', async () => {
    expect([await reachesLater('operator'), await reachesLater('connector')]).toEqual([true, true]);
    expect(storage.filter(({ config }) => config.allow_msg_schedules)).toEqual([]);
    const sessions = storage.find(({ config }) => config.name === 'KV_sessions');
    await (await jetstreamManager(connections.operator)).streams.add(sessions?.config ?? { name: '' });
    const given = { headers: forLater('$KV.sessions.ben'), timeout: 2_000 };
    const answer = await connections.connector.request('$KV.sessions.anna', 'x', given);
    expect(answer.json()).toMatchObject({ error: { description: 'message schedules is disabled' } });
  });
});

/** JetStream stores it under `target` at a time that is past. */
function forLater(target: string): MsgHdrs {
  const given = headers();
  given.set('Nats-Schedule', '@at 2020-01-01T00:00:00Z');
  given.set('Nats-Schedule-Target', target);
  return given;
}

function ask(reply: string, api: string, request: object): (connection: NatsConnection) => void {
  return (connection) => connection.publish(`$JS.API.${api}`, JSON.stringify(request), { reply });
}
