import type { INestApplicationContext } from '@nestjs/common';
import { AckedPublisher, NatsClock } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { ONCE_GUARD, type OnceGuard, rpcContext } from '@ccgame/rpc';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import type { NatsConnection } from '@nats-io/nats-core';
import { type Counter, register } from 'prom-client';
import { openProcess, until } from '../test/process.js';
import { Bindings } from './bindings/bindings.js';
import { PlayerWhereabouts } from './claims/player-whereabouts.js';
import type { SeenSession } from './claims/seen-session.js';
import { SessionClaims } from './claims/session-claims.js';
import { SessionWatch } from './claims/session-watch.js';
import { AuditTrail } from './moderation/audit-trail.js';
import { Moderation } from './moderation/moderation.js';
import { Sanctions } from './moderation/sanctions.js';

const sound = {
  session: 's',
  serverId: 'connector-0',
  socket: 'a',
  version: '1.0.0000',
  isConnected: true,
};
/** An operator's hand, an edited backup or another version may leave these where a record is expected. */
const unreadable: [what: string, text: string][] = [
  ['no JSON', 'no JSON'],
  ['half of a record', '{"session":"s","serv'],
  ['an empty object', '{}'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '7'],
  ['a text', '"running"'],
  ['numbers for texts', '{"session":7,"serverId":7,"isConnected":1,"state":7,"reason":7,"by":7}'],
  ['an error that is none', '{"state":"failed","error":null}'],
  ['a server with a wildcard', JSON.stringify({ ...sound, serverId: '*' })],
  ['a server that would end a line', JSON.stringify({ ...sound, serverId: 'c\r\nPUB x 0\r\n' })],
  ['data that is a text', JSON.stringify({ ...sound, data: 'x' })],
  ['900 KB', 'x'.repeat(900_000)],
];

let nats: NatsServer;
let server: INestApplicationContext;
let publisher: AckedPublisher;
let claims: SessionClaims;
let breaks = 0;
let players = 0;

beforeAll(async () => {
  nats = await startNats();
  const providers = [
    NatsClock,
    SessionClaims,
    PlayerWhereabouts,
    Sanctions,
    AuditTrail,
    Moderation,
    Bindings,
  ];
  server = await openProcess('connector-0', nats.address, providers);
  await server.get(Bindings).open();
  publisher = new AckedPublisher(server.get<NatsConnection>(NATS_CONNECTION), server.get(NatsHealth));
  claims = server.get(SessionClaims);
  server.get(NatsHealth).onChange(() => (breaks += 1));
});
afterAll(async () => {
  expect(breaks).toBe(0);
  publisher.close();
  await server.close();
  await nats.destroy();
});

const claim = (playerId: string, session?: string) =>
  claims.claimSession({ playerId, socket: 'a', version: '1.0.0000', session, refuseSecond: true });
const newPlayer = (): string => `p${(players += 1)}`;
async function told(work: string): Promise<number> {
  const { values } = await (register.getSingleMetric('ccgame_set_aside_total') as Counter).get();
  return values.find(({ labels }) => labels.work === work)?.value ?? 0;
}

describe.each(unreadable)('where there is %s', (_, text) => {
  it('in the place of a session, its player gets a new one, and others are found as ever', async () => {
    const [player, other] = [newPlayer(), newPlayer()];
    await claim(other);
    await publisher.publish(`$KV.sessions.${player}`, text);
    const before = await told('read-session');
    const whereabouts = server.get(PlayerWhereabouts);
    for (let look = 0; look < 3; look += 1)
      expect([...(await whereabouts.whereabouts([player, other])).keys()]).toEqual([other]);
    expect(await whereabouts.findSession(player)).toBeUndefined();
    expect(await told('read-session')).toBe(before + 1);
    const { record, isResumed } = await claim(player, 's');
    expect([record.session, isResumed]).toEqual([expect.stringMatching(/^[\w-]{12}$/), false]);
    expect(await whereabouts.findSession(player)).toMatchObject({ session: record.session });
  });

  it('over a session that a connector holds, its player is not kicked, and it is written again', async () => {
    const player = newPlayer();
    const held = await claim(player);
    await publisher.publish(`$KV.sessions.${player}`, text);
    expect(await claims.renewClaim(player, held)).toBeUndefined();
    const found = await server.get(PlayerWhereabouts).findSession(player);
    expect(found).toMatchObject({ session: held.record.session, isConnected: true });
  });

  it('in the place of an answer, the message is handled once', async () => {
    const attributes = { uid: newPlayer(), session: 's', request: '1' };
    await publisher.publish(`$KV.once.${attributes.uid}.s.1`, text);
    let runs = 0;
    const run = (): Promise<unknown> =>
      rpcContext.run({ attributes, deadline: performance.now() + 5_000 }, () =>
        server.get<OnceGuard>(ONCE_GUARD).runOnce(() => Promise.resolve((runs += 1))),
      );
    expect([await run(), await run()]).toEqual([1, 1]);
  });

  it('in the place of a ban, nobody is kept out, and others are', async () => {
    const [player, other] = [newPlayer(), newPlayer()];
    await publisher.publishAll([{ subject: `$KV.sanctions.ban.${player}`, payload: text, expected: 0 }]);
    await publisher.publishAll([{ subject: `$KV.sanctions.kick.${player}`, payload: text, expected: 0 }]);
    await server.get(Moderation).banPlayer(other, { by: 'olga', reason: 'sold gold' });
    const sanctions = server.get(Sanctions);
    await until(() => sanctions.sanctionOf('ban', other) !== undefined);
    expect(sanctions.sanctionOf('ban', player)).toBeUndefined();
    await server.get(Moderation).banPlayer(player, { by: 'olga', reason: 'now it is one' });
    await until(() => sanctions.sanctionOf('ban', player) !== undefined);
  });

  it('in the place of an order, the audit tells the others', async () => {
    const [player, other] = [newPlayer(), newPlayer()];
    const [audit, moderation] = [server.get(AuditTrail), server.get(Moderation)];
    await moderation.mutePlayer(other, { by: 'olga', reason: 'shouted' });
    await publisher.publish(`audit.player.${player}`, text);
    expect(await audit.listLines({ playerId: player })).toEqual([]);
    expect(await audit.listLines({ playerId: other })).toMatchObject([{ action: 'mute' }]);
    expect((await audit.listLines({ limit: 1 })).length).toBe(1);
  });
});

it.each(['*', 'a b', 'r\r\n1', 'x'.repeat(1_000)])(
  'a binding to %j is none, and the next one counts',
  async (id) => {
    const [player, bindings] = [newPlayer(), server.get(Bindings)];
    await publisher.publish(`$KV.bindings.${player}.game.room`, id);
    await expect(bindings.boundTo(player, 'game.room')).rejects.toMatchObject({ code: 'NOT_BOUND' });
    await bindings.bind(player, 'game.room', 'r1');
    await untilHolds(async () => (await bindings.findBound(player, 'game.room')) === 'r1');
  },
);

it('a ban whose end can’t be read has none, and is told', async () => {
  const [player, before] = [newPlayer(), await told('read-sanction')];
  const payload = JSON.stringify({ by: 'olga', reason: 'sold gold', forSeconds: '60' });
  await publisher.publishAll([{ subject: `$KV.sanctions.ban.${player}`, payload, expected: 0 }]);
  const sanctions = server.get(Sanctions);
  await until(() => sanctions.sanctionOf('ban', player) !== undefined);
  expect(sanctions.sanctionOf('ban', player)).not.toHaveProperty('until');
  expect(await told('read-sanction')).toBe(before + 1);
});

it('a watch of a session hears nothing of what is no record, and goes on', async () => {
  const [player, other] = [newPlayer(), newPlayer()];
  const held = await claim(player);
  const watch = new SessionWatch(server.get<NatsConnection>(NATS_CONNECTION), server.get(NatsHealth));
  const seen = new Map<string, (SeenSession | undefined)[]>([
    [player, []],
    [other, []],
  ]);
  for (const [playerId, list] of seen) watch.watchSession(playerId, (one) => list.push(one));
  await until(() => seen.get(player)?.length === 1);
  for (const [, text] of unreadable) await publisher.publish(`$KV.sessions.${player}`, text);
  const otherHeld = await claim(other);
  await claims.releaseClaim(other, otherHeld);
  await until(() => seen.get(other)?.at(-1)?.isConnected === false);
  expect(seen.get(player)).toHaveLength(1);
  await claims.renewClaim(player, held);
  await claims.releaseClaim(player, held, { why: 'left' });
  await until(() => seen.get(player)?.length === 2);
  expect(seen.get(player)?.[1]).toMatchObject({ isConnected: false, why: 'left' });
  watch.close();
});
