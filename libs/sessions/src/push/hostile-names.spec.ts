import type { INestApplicationContext } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { AckedPublisher, DirectReader, KeyValueBucket, NatsClock } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { ONCE_GUARD, type OnceGuard, rpcContext } from '@ccgame/rpc';
import { calmTime, hostileNames, type NatsServer, startNats } from '@ccgame/testing';
import { openProcess } from '../../test/process.js';
import { Bindings } from '../bindings/bindings.js';
import { PlayerWhereabouts } from '../claims/player-whereabouts.js';
import { SessionData } from '../data/session-data.js';
import { SessionEvents } from '../events/session-events.js';
import { AuditTrail } from '../moderation/audit-trail.js';
import { Moderation } from '../moderation/moderation.js';
import { Groups } from '../groups/groups.service.js';
import { PushService } from './push.service.js';

let nats: NatsServer;
let server: INestApplicationContext;
let push: PushService;
let groups: Groups;
let events: SessionEvents;
let bucket: KeyValueBucket;
let publisher: AckedPublisher | undefined;
let reader: DirectReader | undefined;
let breaks = 0;

beforeAll(async () => {
  nats = await startNats();
  const providers = [
    SessionEvents,
    Bindings,
    PlayerWhereabouts,
    SessionData,
    AuditTrail,
    Moderation,
    NatsClock,
  ];
  server = await openProcess('back-0', nats.address, providers);
  push = server.get(PushService);
  groups = server.get(Groups);
  events = server.get(SessionEvents);
  bucket = openBucket('clans');
  server.get(NatsHealth).onChange(() => (breaks += 1));
});
afterAll(async () => {
  publisher?.close();
  reader?.close();
  await server.close();
  await nats.destroy();
});

/** As a game's own storage, by docs/storage.md. */
function openBucket(name: string): KeyValueBucket {
  const connection = server.get<NatsConnection>(NATS_CONNECTION);
  const health = server.get(NatsHealth);
  publisher ??= new AckedPublisher(connection, health);
  reader ??= new DirectReader(connection, health);
  return new KeyValueBucket(name, connection, publisher, reader);
}

const ofFilter = 'the filter of a list';

/** Every door by which a string of a game comes into a subject or a key here. */
const doors: Record<string, (value: never) => Promise<unknown>> = {
  'the player of a push': (value) => push.toPlayer(value, 'n', 1),
  'one of the players of a push': (value) => push.toPlayers(['anna', value], 'n', 1),
  'the player of a volatile push': (value) => push.toPlayer(value, 'n', 1, { volatile: true }),
  'the route of a push': (value) => push.toPlayer('anna', value, 1),
  'the route of a volatile push': (value) => push.toPlayer('anna', value, 1, { volatile: true }),
  'the route of a push to all': (value) => push.toAll(value, 1),
  'the group of a push': (value) => push.toGroup(value, 'n', 1),
  'the version of a push': (value) => push.toVersion(value, 'n', 1),
  'a topic': async (value) => push.topics.pushToTopic(value, 'n', '1'),
  'a topic that ends': async (value) => push.topics.endTopic(value, 'n', '1'),
  'a topic that is followed': async (value) => push.topics.startFollowing('anna', value, 'n', '1'),
  'a topic that is left': async (value) => push.topics.stopFollowing('anna', value, 'n', '1'),
  'who follows a topic': async (value) => push.topics.startFollowing(value, 'a.b.c', 'n', '1'),
  'the route of a push to a follower': async (value) => push.topics.pushToFollower('anna', value, '1'),
  'the route of a push to a topic': async (value) => push.topics.pushToTopic('a.b.c', value, '1'),
  'a group that is joined': (value) => groups.addMember(value, 'anna'),
  'a group that is left': (value) => groups.removeMember(value, 'anna'),
  'a group that is asked for': (value) => groups.membersOf(value),
  'who joins a group': (value) => groups.addMember('guild', value),
  'a player whose session is watched': async (value) => events.watchPlayer(value, () => undefined),
  'the name of a bucket': async (value) => openBucket(value),
  'a key that is read': (value) => bucket.get(value),
  'a key that is written': (value) => bucket.put(value, '{}'),
  'a key that is written over what was read': (value) => bucket.compareAndSet(value, '{}', 0),
  [ofFilter]: (value) => bucket.list(value, () => 1),
  'the time of a group': (value) => groups.addMember('guild', 'anna', value),
  'a player who is bound to a room': (value) => server.get(Bindings).bind(value, 'game.room', 'r1'),
  'the room that a player is bound to': (value) => server.get(Bindings).bind('anna', 'game.room', value),
  'a player who leaves a room': (value) => server.get(Bindings).unbind(value, 'game.room', 'r1'),
  'a player whose room is asked for': (value) => server.get(Bindings).boundTo(value, 'game.room'),
  'a player whose binding is renewed': (value) => server.get(Bindings).renew(value, 'game.room', 'r1'),
  'a player who is looked for': (value) => server.get(PlayerWhereabouts).whereabouts(['anna', value]),
  'a player whose session is looked for': (value) => server.get(PlayerWhereabouts).findSession(value),
  'a player whose session’s values are read': (value) => server.get(SessionData).readValues(value),
  'a player whose session’s values are changed': (value) => server.get(SessionData).changeValues(value, {}),
  'a player who is banned': (value) => server.get(Moderation).banPlayer(value, order),
  'a player whose ban is lifted': (value) => server.get(Moderation).unbanPlayer(value, order),
  'a player who is muted': (value) => server.get(Moderation).mutePlayer(value, order),
  'a player who is kicked': (value) => server.get(Moderation).kickPlayer(value, order),
  'a player whose sanctions are asked for': (value) => server.get(Moderation).sanctionsOf(value),
  'a player whose orders are listed': (value) => server.get(AuditTrail).listLines({ playerId: value }),
};
const order = { by: 'olga', reason: 'a test' };
/** Left out, these two mean something. */
const optional: Record<string, (value: never) => Promise<unknown>> = {
  'the id of a push': (id) => push.toPlayer('anna', 'n', 1, { id }),
  'the player of a message': (uid) => runOnce({ uid, session: 's', request: '1' }),
  'the session of a message': (session) => runOnce({ uid: 'anna', session, request: '1' }),
  'the id of a message': (request) => runOnce({ uid: 'anna', session: 's', request }),
};

function runOnce(attributes: Record<string, string>): Promise<unknown> {
  return rpcContext.run({ attributes }, () =>
    server.get<OnceGuard>(ONCE_GUARD).runOnce(() => Promise.resolve('ran')),
  );
}

describe.each(Object.entries({ ...doors, ...optional }))('%s', (door, enter) => {
  const mayBeLeftOut = ['the time of a group', 'a player whose orders are listed'];
  const isLeftOut = (value: unknown): boolean =>
    value === undefined && (door in optional || mayBeLeftOut.includes(door));
  const isGood = (value: unknown): boolean =>
    (door === 'the time of a group' && value === 7) ||
    (door === ofFilter && ['*', '>', 'a.*.b'].includes(value as string));

  it('is refused with INVALID, whatever stands there', async () => {
    const wrong = hostileNames.filter(([, value]) => !isLeftOut(value) && !isGood(value));
    const results = await Promise.allSettled(wrong.map(async ([, value]) => enter(value as never)));
    const codes = results.map((one) =>
      one.status === 'rejected' ? (one.reason as { code: string }).code : 'ran',
    );
    expect(codes).toEqual(wrong.map(() => 'INVALID'));
  });
});

/** A client hears these as something else: the SDK's own events, and the pushes by which it follows a session or a room. */
it.each(['session', 'session.closed', 'session.x', 'room.state', 'room.closed', 'moved', 'state', 'error'])(
  'a push to anybody has no route %s',
  async (route) => {
    const ways = [
      push.toPlayer('anna', route, 1),
      push.toPlayer('anna', route, 1, { volatile: true }),
      push.toPlayers(['anna', 'ben'], route, 1),
      push.toAll(route, 1),
      push.toGroup('guild', route, 1),
      push.toVersion('1.0.0000', route, 1),
    ];
    const results = await Promise.allSettled(ways);
    expect(results.map((one) => one.status === 'rejected' && (one.reason as { code: string }).code)).toEqual(
      ways.map(() => 'INVALID'),
    );
  },
);

it.each([
  ['a text, which is a list of characters', 'anna'],
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['an object', {}],
])('no list of players is %s', async (_, players) => {
  const pushed = push.toPlayers(players as never, 'n', 1);
  await expect(pushed).rejects.toMatchObject({ code: 'INVALID' });
});

it('leaves the connection as it is, and the player’s next push arrives at once', async () => {
  const calmMs = calmTime();
  await push.toPlayer('anna', 'match.proposed', 1, { id: 'proposed-1' });
  expect(calmMs()).toBeLessThan(5_000);
  expect(breaks).toBe(0);
});

describe('a push', () => {
  it.each([
    ['a bigint', { n: 1n }],
    ['a Map', new Map([[1, 2]])],
    ['a Map inside', { map: new Map() }],
    ['an Error', new Error('x')],
    ['a function', () => 1],
  ])('of %s is refused with INVALID', async (_, data) => {
    await expect(push.toPlayer('anna', 'n', data)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('is measured in bytes, and one too large names its size and the limit', async () => {
    const text = 'ж'.repeat(140_000);
    await expect(push.toPlayer('anna', 'n', text)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { bytes: 280_023, limit: 256 * 1024 },
    });
    await push.toPlayer('anna', 'n', 'ж'.repeat(130_000));
  });

  it('larger than NATS carries is TOO_LARGE too, to one and to many, stored or not', async () => {
    const { info } = server.get<NatsConnection>(NATS_CONNECTION);
    const limit = info?.max_payload;
    // As where an operator sets `max_payload: 64KB`.
    Object.assign(info ?? {}, { max_payload: 64 * 1024 });
    const large = 'x'.repeat(64 * 1024);
    for (const volatile of [false, true]) {
      const refused = { code: 'TOO_LARGE', details: { limit: 63 * 1024 } };
      await expect(push.toPlayer('anna', 'n', large, { volatile })).rejects.toMatchObject(refused);
      await expect(push.toAll('n', large, { volatile })).rejects.toMatchObject(refused);
    }
    Object.assign(info ?? {}, { max_payload: limit });
  });
});
