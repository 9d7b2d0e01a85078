import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { DirectReader, NatsClock, type StoredMessage } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { calmTime, type NatsServer, startNats } from '@ccgame/testing';
import { openProcess, until } from '../../test/process.js';
import { SessionClaims } from '../claims/session-claims.js';
import { AuditTrail } from './audit-trail.js';
import { Moderation } from './moderation.js';
import { sanctionsStream } from './sanction.js';
import { Sanctions } from './sanctions.js';

const by = 'olga';

describe('an operator', () => {
  let nats: NatsServer;
  let people: NatsConnection;
  let office: INestApplicationContext;
  let connector: INestApplicationContext;
  let moderation: Moderation;
  let sanctions: Sanctions;

  beforeAll(async () => {
    nats = await startNats();
    people = await connect({ servers: nats.address });
    connector = await openProcess('connector-0', nats.address, [NatsClock, Sanctions, SessionClaims]);
    office = await openProcess('admin-0', nats.address, [AuditTrail, Moderation]);
    moderation = office.get(Moderation);
    sanctions = connector.get(Sanctions);
  });
  afterAll(async () => {
    await office.close();
    await connector.close();
    await people.close();
    await nats.destroy();
  });

  const isBanned = (playerId: string): boolean => sanctions.sanctionOf('ban', playerId) !== undefined;

  it('keeps a player out, with the reason, until it is lifted', async () => {
    await moderation.banPlayer('anna', { by, reason: 'sold gold' });
    await until(() => isBanned('anna'));
    expect(() => sanctions.assertNotBanned('anna')).toThrow(
      expect.objectContaining({ code: 'BANNED', retryable: false, details: { reason: 'sold gold' } }),
    );
    expect(() => sanctions.assertNotMuted('anna')).not.toThrow();
    expect(await moderation.sanctionsOf('anna')).toMatchObject({ ban: { by, reason: 'sold gold' } });
    await moderation.unbanPlayer('anna', { by, reason: 'it was her brother' });
    await until(() => !isBanned('anna'));
    expect(await moderation.sanctionsOf('anna')).toEqual({});
    const again = moderation.unbanPlayer('anna', { by, reason: 'once more' });
    await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('mutes a player for a time, after which nothing of it is stored', async () => {
    await moderation.mutePlayer('ben', { by, reason: 'shouted', forSeconds: 1 });
    await until(() => sanctions.sanctionOf('mute', 'ben') !== undefined);
    const { since = 0, until: end } = sanctions.sanctionOf('mute', 'ben') ?? {};
    expect(end).toBe(since + 1_000);
    await until(() => sanctions.sanctionOf('mute', 'ben') === undefined);
    const stored = async () => {
      const filter = { subjects_filter: '$KV.sanctions.mute.ben' };
      const { state } = await (await jetstreamManager(people)).streams.info(sanctionsStream.name, filter);
      return Object.keys(state.subjects ?? {});
    };
    while ((await stored()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('bans for longer, or for less, by another ban', async () => {
    await moderation.banPlayer('cas', { by, reason: 'first', forSeconds: 3_600 });
    await moderation.banPlayer('cas', { by, reason: 'second', forSeconds: 7_200 });
    await until(() => sanctions.sanctionOf('ban', 'cas')?.reason === 'second');
    const server = await openProcess('connector-1', nats.address, [NatsClock, Sanctions]);
    const { since = 0, until: end } = server.get(Sanctions).sanctionOf('ban', 'cas') ?? {};
    expect(end).toBe(since + 7_200_000);
    await server.close();
  });

  describe('with a connector whose machine has another time', () => {
    const own = Date.now;
    afterEach(() => jest.restoreAllMocks());
    const moveClock = (byMs: number): unknown =>
      jest.spyOn(Date, 'now').mockImplementation(() => own() + byMs);

    it('has a ban of a minute last where that is ten minutes ahead', async () => {
      await moderation.banPlayer('pia', { by, reason: 'x', forSeconds: 60 });
      await until(() => isBanned('pia'));
      moveClock(600_000);
      expect(isBanned('pia')).toBe(true);
    });

    it('has a ban of a second end where that is ten minutes behind', async () => {
      await moderation.banPlayer('rex', { by, reason: 'x', forSeconds: 1 });
      await until(() => isBanned('rex'));
      moveClock(-600_000);
      await until(() => !isBanned('rex'));
    });
  });

  it('ends a session, which stays ended; a player without one is not found', async () => {
    const claims = connector.get(SessionClaims);
    const claim = { playerId: 'dan', socket: 's1', version: '1.0.0000', refuseSecond: false };
    const { session } = (await claims.claimSession(claim)).record;
    const kicked = await moderation.kickPlayer('dan', { by, reason: 'stuck' });
    expect(kicked).toEqual({ session, serverId: 'connector-0' });
    await until(() => sanctions.kickOf(session) === 'stuck');
    const nobody = moderation.kickPlayer('nobody', { by, reason: 'stuck' });
    await expect(nobody).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  describe('where a replica of NATS that is asked is behind', () => {
    afterEach(() => jest.restoreAllMocks());

    /** The next reads of a subject are answered by these, and the ones behind them by NATS. */
    function answerBy(subject: string, replicas: (StoredMessage | undefined)[]): void {
      const { readLast } = DirectReader.prototype;
      jest.spyOn(DirectReader.prototype, 'readLast').mockImplementation(async function (
        this: DirectReader,
        ...of
      ) {
        if (of[1] === subject && replicas.length > 0) return replicas.shift();
        return readLast.apply(this, of);
      });
    }

    it('lifts a ban that was imposed a moment ago', async () => {
      await moderation.banPlayer('lou', { by, reason: 'x' });
      answerBy('$KV.sanctions.ban.lou', [undefined, undefined, undefined]);
      await moderation.unbanPlayer('lou', { by, reason: 'y' });
      await until(() => !isBanned('lou'));
    });

    it('ends the session that the player has now', async () => {
      const claims = connector.get(SessionClaims);
      const claim = { playerId: 'max', socket: 's1', version: '1.0.0000', refuseSecond: false };
      await claims.releaseClaim('max', await claims.claimSession(claim));
      const reader = new DirectReader(people, new NatsHealth(people));
      const away = await reader.readLast('KV_sessions', '$KV.sessions.max');
      reader.close();
      const { session } = (await claims.claimSession({ ...claim, socket: 's2' })).record;
      answerBy('$KV.sessions.max', [undefined, away, away]);
      expect((await moderation.kickPlayer('max', { by, reason: 'stuck' })).session).toBe(session);
    });

    it('ends the session of a player who is away', async () => {
      const claims = connector.get(SessionClaims);
      const claim = { playerId: 'ned', socket: 's1', version: '1.0.0000', refuseSecond: false };
      const held = await claims.claimSession(claim);
      await claims.releaseClaim('ned', held);
      const kicked = await moderation.kickPlayer('ned', { by, reason: 'stuck' });
      expect(kicked.session).toBe(held.record.session);
    });
  });

  it('is told which field is wrong, and nothing is done then', async () => {
    for (const [order, field] of [
      [{ by, reason: ' ' }, 'reason'],
      [{ by: '', reason: 'x' }, 'by'],
    ] as const) {
      const ban = moderation.banPlayer('eve', order);
      await expect(ban).rejects.toMatchObject({ code: 'INVALID', details: { problems: [{ field }] } });
    }
    for (const forSeconds of [0, 1.5, NaN]) {
      const ban = moderation.banPlayer('eve', { by, reason: 'x', forSeconds });
      await expect(ban).rejects.toMatchObject({ code: 'INVALID' });
    }
    await expect(moderation.banPlayer('no.name', { by, reason: 'x' })).rejects.toMatchObject({
      code: 'INVALID',
    });
    expect(await moderation.sanctionsOf('eve')).toEqual({});
    expect(await office.get(AuditTrail).listLines({ playerId: 'eve' })).toEqual([]);
  });

  it('finds who did what and why; what failed says so', async () => {
    await moderation.banPlayer('kim', { by, reason: 'sold gold', forSeconds: 60 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await moderation.unbanPlayer('kim', { by, reason: 'it was her brother' });
    const lines = await office.get(AuditTrail).listLines({ playerId: 'kim' });
    const at = expect.any(Number) as number;
    expect(lines).toEqual([
      { action: 'ban', playerId: 'kim', by, reason: 'sold gold', forSeconds: 60, at },
      { action: 'unban', playerId: 'kim', by, reason: 'it was her brother', at },
    ]);
    expect(lines[0]?.at).toBeLessThan(lines[1]?.at ?? 0);
    const late = await office.get(AuditTrail).listLines({ playerId: 'kim', from: lines[1]?.at });
    expect(late).toEqual([lines[1]]);
    const since = (from: number) => office.get(AuditTrail).listLines({ playerId: 'kim', from });
    for (const early of [0, -1e14, -Infinity]) expect(await since(early)).toEqual(lines);
    for (const late of [Date.now() + 3_600_000, 9_223_372_036_000]) expect(await since(late)).toEqual([]);
    for (const none of [NaN, Infinity, 9_223_372_037_000])
      await expect(since(none)).rejects.toMatchObject({ code: 'INVALID' });
    const manager = await jetstreamManager(people);
    const { config, state } = await manager.streams.info(sanctionsStream.name);
    await manager.streams.update(sanctionsStream.name, { ...config, max_bytes: state.bytes + 1 });
    const ban = moderation.banPlayer('fay', { by, reason: 'x'.repeat(500) });
    await expect(ban).rejects.toMatchObject({ code: 'BUSY' });
    await manager.streams.update(sanctionsStream.name, config);
    const failed = await office.get(AuditTrail).listLines({ playerId: 'fay' });
    expect(failed.map((line) => line.failed)).toEqual([undefined, 'BUSY']);
    expect(isBanned('fay')).toBe(false);
  });

  it('alone may write: what did not come by compare-and-set is no ban', async () => {
    people.publish('$KV.sanctions.ban.gil', JSON.stringify({ reason: 'planted', by: 'mallory' }));
    await moderation.banPlayer('hal', { by, reason: 'x' });
    await until(() => isBanned('hal'));
    expect(isBanned('gil')).toBe(false);
    await moderation.banPlayer('gil', { by, reason: 'genuine' });
    await until(() => isBanned('gil'));
  });

  it('may ban ten thousand: a server that starts knows all of them, and each question costs the same', async () => {
    const expectingNone = headers();
    expectingNone.set('Nats-Expected-Last-Subject-Sequence', '0');
    const record = JSON.stringify({ reason: 'cheats', by });
    for (let i = 0; i < 10_000; i += 1)
      people.publish(`$KV.sanctions.ban.cheat-${i}`, record, { headers: expectingNone });
    await until(() => isBanned('cheat-9999'));
    const started = await openProcess('connector-1', nats.address, [NatsClock, Sanctions]);
    const known = started.get(Sanctions);
    const calmMs = calmTime();
    for (let i = 0; i < 10_000; i += 1) expect(known.sanctionOf('ban', `cheat-${i}`)?.by).toBe(by);
    // A look through all of them for each would be 100 million.
    expect(calmMs()).toBeLessThan(1_000);
    await started.close();
  });

  it('has bans stay in force when NATS has lost them', async () => {
    await moderation.banPlayer('hal', { by, reason: 'x' });
    await until(() => isBanned('hal'));
    await nats.restartEmpty();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isBanned('hal')).toBe(true);
    let isDone = false;
    while (!isDone) {
      isDone = await moderation.banPlayer('ida', { by, reason: 'new' }).then(
        () => true,
        () => false,
      );
    }
    await until(() => isBanned('ida'));
    expect(isBanned('hal')).toBe(true);
  });
});
