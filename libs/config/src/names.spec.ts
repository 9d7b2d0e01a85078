import { hostileNames } from '@ccgame/testing';
import { expectedName, isName, type NameKind } from './names.js';

/** Names that games use, of each kind. */
const good: Record<NameKind, string[]> = {
  serverType: ['matching', 'chat2'],
  serverId: ['matching-prod-v100000-0', 'matching-6d4b75cb6d-x7z2k'],
  version: ['latest', '1.0.0000'],
  handler: ['user_join_matching', 'greet'],
  job: ['settleLeaderboards'],
  key: ['room-7', 'a=b:c'],
  playerId: ['anna', 'auth0_7C5f7c', '76561198000000000', 'x'.repeat(128)],
  session: ['Zm9v-_1'],
  messageId: ['0', '1764300000000'],
  group: ['guild', 'party_7'],
  pushRoute: ['matched', 'match.proposed', 'chat.message-2'],
  topicRoute: ['room.state', 'n'],
  topic: ['dice.table.5f0c1e7a-3c6c'],
  pushId: ['matched-5c7', 'n:1=2'],
  entity: ['table', 'Profile'],
  entityId: ['5f0c1e7a-3c6c-4d0c-9a53-1f6f0f9a7f10', 'p1'],
  requestId: ['s1-7'],
  sessionValue: ['team'],
  matchId: ['5f0c1e7a-3c6c-4d0c-9a53-1f6f0f9a7f10'],
  ticketId: ['t1'],
  board: ['ranked'],
  mode: ['ranked', 'team-3v3'],
  attribute: ['region', 'gameMode'],
  partition: ['ranked~1%2E0%2E0000~eu'],
  channel: ['production', 'eu-1'],
  region: ['eu'],
  environment: ['prod'],
  bucket: ['sessions'],
  bucketKey: ['dragons', 'ban.anna', 'play.p3.auth0_7C5f7c', 'a=b:c/d~1%2E', 'x'.repeat(512)],
  bucketFilter: ['guild.*', '*.anna', 'type.>', 'anna'],
  header: ['Push-Volatile'],
  headerValue: ['1'],
};
const kinds = Object.entries(good) as [NameKind, string[]][];

describe.each(kinds)('a name of the kind %s', (kind, names) => {
  it('may be what games use, and says what it may be', () => {
    expect(names.filter((name) => !isName(kind, name))).toEqual([]);
    expect(expectedName(kind)).not.toBe('');
  });

  it('is nothing that would become something else', () => {
    const dots = kind === 'headerValue';
    const passed = hostileNames.filter(([, value]) => isName(kind, value)).map(([what]) => what);
    // A header's value ends at a line's end and nowhere else.
    const harmless = [
      'a dot',
      'dots at the ends',
      'two dots',
      'a path',
      'quotes',
      'a dollar',
      'a wildcard inside',
    ];
    const wildcards = ['the wildcard *', 'the wildcard >'];
    const allowed = dots ? [...harmless, ...wildcards, '__proto__'] : [];
    if (kind === 'bucketFilter') allowed.push(...wildcards, 'a wildcard inside');
    expect(passed.filter((what) => !allowed.includes(what))).toEqual([]);
  });
});

const heardByClients = [
  ...['state', 'notRecovered', 'moved', 'error', 'session', 'session.opened', 'session.x'],
  ...['room.state', 'room.change', 'room.closed'],
];
it.each(heardByClients)('a push route is never %s, which clients hear as something else', (route) => {
  expect(isName('pushRoute', route)).toBe(false);
  expect(isName('pushRoute', `${route}s`)).toBe(!route.startsWith('session.'));
});

it.each(good.playerId)(
  'an entity may have the id of its player, as of %s, and be a topic under it',
  (playerId) => {
    expect(isName('entityId', playerId)).toBe(true);
    expect(isName('topic', `${'a'.repeat(31)}.${'b'.repeat(64)}.${playerId}`)).toBe(true);
  },
);

it.each<NameKind>(['mode', 'channel', 'region', 'environment'])(
  'a %s ends with a letter or digit, as it becomes a label, and Kubernetes refuses others',
  (kind) => {
    expect(['eu-', 'eu--', 'a-'].filter((name) => isName(kind, name))).toEqual([]);
    expect(['a', 'eu-1', 'eu--1'].filter((name) => !isName(kind, name))).toEqual([]);
  },
);

it('a version is written in one way', () => {
  const others = ['01.0.0000', '1.00.0000', 'v1.0.0000', '1.0.0000-a', 'LATEST', '1'];
  expect(others.filter((version) => isName('version', version))).toEqual([]);
});
