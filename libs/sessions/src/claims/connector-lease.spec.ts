import { cpSync, renameSync, rmSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { openProcess, sleep, until } from '../../test/process.js';
import { SessionWatch } from './session-watch.js';
import type { ConnectorLease } from './connector-lease.js';
import { PlayerWhereabouts } from './player-whereabouts.js';
import { SessionClaims } from './session-claims.js';
import { AckedPublisher, type KeyValueBucket, NotStored } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';

const looksToEnd = 6;

describe('the lease of a connector', () => {
  let nats: NatsServer;
  let opened: INestApplicationContext[];
  let first: Connector;
  let second: Connector;

  beforeEach(async () => {
    nats = await startNats();
    opened = [];
    first = await open('connector-0');
    second = await open('connector-1');
  });
  afterEach(async () => {
    await Promise.all(opened.map((process) => process.close()));
    await nats.destroy();
  });

  interface Connector {
    process: INestApplicationContext;
    claims: SessionClaims;
    lease: ConnectorLease;
  }

  async function open(serverId: string): Promise<Connector> {
    const process = await openProcess(serverId, nats.address, [SessionClaims, PlayerWhereabouts]);
    opened.push(process);
    const claims = process.get(SessionClaims);
    return { process, claims, lease: claims['lease'] };
  }

  /** As by SIGKILL: it lets go of nothing. */
  async function kill({ process }: Connector): Promise<void> {
    opened.splice(opened.indexOf(process), 1);
    await process.close();
  }

  const claim = ({ claims }: Connector, playerId: string, socket: string, session?: string) =>
    claims.claimSession({ playerId, socket, version: '1.0.0000', session, refuseSecond: false });

  async function look(times: number, { lease }: Connector = first): Promise<void> {
    for (let time = 0; time < times; time += 1) await lease.takeTurn();
  }

  const sessionOf = (playerId: string) => first.process.get(PlayerWhereabouts).findSession(playerId);

  it('ends the sessions of one that was killed, and not those that another has by then, nor those that were let go', async () => {
    const moved = await claim(second, 'ann', 's1');
    await claim(second, 'bob', 's2');
    const away = await claim(second, 'cleo', 's3');
    await second.claims.releaseClaim('cleo', away);
    await kill(second);
    const { session } = moved.record;
    await claim(first, 'ann', 's4', session);
    await look(looksToEnd - 1);
    expect(await sessionOf('bob')).toMatchObject({ isConnected: true });
    await look(1);
    expect(await sessionOf('bob')).toBeUndefined();
    expect(await sessionOf('ann')).toMatchObject({ socket: 's4', session });
    expect(await sessionOf('cleo')).toMatchObject({ isConnected: false });
    expect((await claim(first, 'bob', 's5', 'gone')).isForgotten).toBe(true);
  });

  it('tells those who watch the session that it is over', async () => {
    await claim(second, 'dora', 's1');
    const watch = new SessionWatch(first.process.get(NATS_CONNECTION), first.process.get(NatsHealth));
    const seen: string[] = [];
    watch.watchSession('dora', (one) => seen.push(one ? String(one.isConnected) : 'over'));
    await until(() => seen.includes('true'));
    await kill(second);
    await until(() => seen.includes('false'));
    await look(looksToEnd);
    await until(() => seen.at(-1) === 'over');
    watch.close();
  });

  it('goes on where it is renewed, however often others look', async () => {
    await claim(second, 'ann', 's1');
    for (let turn = 0; turn < 3 * looksToEnd; turn += 1) {
      await look(1);
      await look(1, second);
    }
    expect(await sessionOf('ann')).toMatchObject({ socket: 's1', isConnected: true });
  });

  it('is not ended by one that can’t write', async () => {
    await claim(second, 'ann', 's1');
    await look(1);
    const { publish } = AckedPublisher.prototype;
    const own = `$KV.sessions.lease.${first.lease.id}`;
    let refusals = 0;
    const refused = jest.spyOn(first.claims['publisher'], 'publish').mockImplementation(function (
      this: AckedPublisher,
      ...of
    ) {
      if (of[0] !== own) return publish.apply(this, of);
      refusals += 1;
      return Promise.reject(new Error('there is no room'));
    });
    await look(2 * looksToEnd);
    expect(refusals).toBe(2 * looksToEnd);
    refused.mockRestore();
    expect(await sessionOf('ann')).toMatchObject({ isConnected: true });
  });

  it('is a new one for a connector that was taken for dead, which has all its sessions again', async () => {
    const playerIds = ['ann', 'bob', 'cleo'];
    const claims = await Promise.all(playerIds.map((playerId) => claim(second, playerId, `of-${playerId}`)));
    const held = claims.map((claimed, index) => ({ playerId: playerIds[index], claim: claimed }));
    const before = second.lease.id;
    let lost = 0;
    second.claims.whenLeaseLost(() => (lost += 1));
    expect(await second.claims.findStale(held)).toEqual([]);
    await look(looksToEnd);
    expect(await sessionOf('ann')).toBeUndefined();
    await look(1, second);
    expect(lost).toBe(1);
    expect(second.lease.id).not.toBe(before);
    expect(await second.claims.findStale(held)).toEqual(held);
    for (const one of held) expect(await second.claims.renewClaim(one.playerId, one.claim)).toBeUndefined();
    expect(await second.claims.findStale(held)).toEqual([]);
    expect(await sessionOf('ann')).toMatchObject({ socket: 'of-ann', lease: second.lease.id });
    await look(1, second);
    await look(looksToEnd - 2);
    expect(await sessionOf('ann')).toMatchObject({ isConnected: true });
  });

  it('is ended by the next one where the connector that did so was killed midway', async () => {
    await claim(second, 'ann', 's1');
    await kill(second);
    const third = await open('connector-2');
    const { publish } = AckedPublisher.prototype;
    const dies = jest.spyOn(third.claims['publisher'], 'publish').mockImplementation(function (
      this: AckedPublisher,
      ...of
    ) {
      return of[0] === '$KV.sessions.ann' ? Promise.reject(new Error('killed')) : publish.apply(this, of);
    });
    await look(looksToEnd, third);
    expect(dies).toHaveBeenCalledWith('$KV.sessions.ann', expect.anything(), expect.anything());
    await kill(third);
    expect(await sessionOf('ann')).toMatchObject({ isConnected: true });
    await look(looksToEnd);
    expect(await sessionOf('ann')).toBeUndefined();
  });

  it('is ended by a connector that starts later, where all were killed', async () => {
    await claim(first, 'ann', 's1');
    await claim(second, 'bob', 's2');
    await kill(first);
    await kill(second);
    first = await open('connector-3');
    await look(looksToEnd);
    expect([await sessionOf('ann'), await sessionOf('bob')]).toEqual([undefined, undefined]);
  });

  it('leaves nothing to look for after a planned stop', async () => {
    await second.claims.endLease();
    await kill(second);
    const read = jest.spyOn(first.claims['bucket'], 'list');
    await look(looksToEnd + 1);
    expect(new Set(read.mock.calls.map(([filter]) => filter))).toEqual(new Set(['lease.*']));
  });

  it('outlives a bucket that was lost, and the sessions with it', async () => {
    const held = [{ playerId: 'ann', claim: await claim(second, 'ann', 's1') }];
    await nats.restartEmpty();
    for (let stale = held; stale.length > 0;) {
      await second.lease.takeTurn();
      for (const one of stale) await second.claims.renewClaim(one.playerId, one.claim).catch(() => sleep(50));
      stale = await second.claims.findStale(held).catch(() => held);
    }
    expect(await sessionOf('ann')).toMatchObject({ socket: 's1', lease: second.lease.id });
  });

  it('is renewed again where NATS came back without its last writes, as its sessions are', async () => {
    const held = [{ playerId: 'ann', claim: await claim(second, 'ann', 's1') }];
    const { id } = second.lease;
    const copy = `${nats.folder}-copy`;
    await nats.stop();
    cpSync(nats.folder, copy, { recursive: true });
    await nats.start();
    for (const one of held)
      while (await second.claims.renewClaim(one.playerId, one.claim).then(isFalse, isTrue)) await sleep(50);
    for (const before = second.lease['revision']; second.lease['revision'] === before;) await look(1, second);
    await nats.stop();
    rmSync(nats.folder, { recursive: true });
    renameSync(copy, nats.folder);
    await nats.start();
    const revision = async (): Promise<number> =>
      (await first.claims['bucket'].get(`lease.${id}`).catch(() => undefined))?.revision ?? 0;
    let old = 0;
    while (old === 0) old = await revision();
    await untilHolds(async () => {
      await look(1, second);
      return (await revision()) > old;
    });
    expect(second.lease.id).toBe(id);
    // As long as a replica may be behind, its record is not believed.
    await untilHolds(
      async () => {
        await second.claims.renewClaim('ann', held[0].claim).catch(() => undefined);
        return (await second.claims.findStale(held)).length === 0;
      },
      { timeoutMs: 15_000 },
    );
    expect(await sessionOf('ann')).toMatchObject({ socket: 's1', isConnected: true });
  }, 40_000);

  it('is named by a record only once that is stored', async () => {
    const held = [{ playerId: 'ann', claim: await claim(second, 'ann', 's1') }];
    await look(1);
    await look(looksToEnd - 1);
    await look(1, second);
    const full = jest
      .spyOn(second.claims['publisher'], 'publish')
      .mockRejectedValueOnce(new NotStored('unknown', 'there is no room'));
    await expect(second.claims.renewClaim('ann', held[0].claim)).rejects.toMatchObject({ code: 'BUSY' });
    full.mockRestore();
    expect(await second.claims.findStale(held)).toEqual(held);
    expect(second.claims.isLeased(held[0].claim)).toBe(false);
  });

  it('takes the session along whose values are changed while it is ended', async () => {
    const { record } = await claim(second, 'ann', 's1');
    await kill(second);
    const { bucket } = first.claims as unknown as { bucket: KeyValueBucket };
    const { list } = bucket;
    jest.spyOn(bucket, 'list').mockImplementation(async function (this: KeyValueBucket, ...of) {
      const found: unknown[] = await list.apply(this, of);
      if (of[0] === '*') await first.claims.changeLooseData('ann', record.session, { score: 1 });
      return found;
    });
    await look(looksToEnd);
    expect(await sessionOf('ann')).toBeUndefined();
  });

  it('of a connector that ends many sessions is renewed meanwhile', async () => {
    await claim(second, 'ann', 's1');
    await kill(second);
    const { publish } = AckedPublisher.prototype;
    let goOn = (): void => undefined;
    const isSlow = new Promise<void>((resolve) => (goOn = resolve));
    jest.spyOn(first.claims['publisher'], 'publish').mockImplementation(async function (
      this: AckedPublisher,
      ...of
    ) {
      if (of[0] === '$KV.sessions.ann') await isSlow;
      return publish.apply(this, of);
    });
    await look(looksToEnd - 1);
    const ending = first.lease.takeTurn();
    await untilHolds(() => first.lease['isEnding']);
    const before = first.lease['revision'];
    await look(2);
    expect(first.lease['revision']).toBeGreaterThan(before);
    goOn();
    await ending;
    expect(await sessionOf('ann')).toBeUndefined();
  });

  it('is not ended while a claim is under way', async () => {
    const { id } = second.lease;
    let letIn = (isWanted: boolean): void => void isWanted;
    const isWanted = (): Promise<boolean> => new Promise((resolve) => (letIn = resolve));
    const player = { playerId: 'ann', socket: 's1', version: '1.0.0000', refuseSecond: false };
    const late = second.claims.claimSession({ ...player, isWanted });
    await second.claims.endLease();
    letIn(true);
    await late;
    expect((await first.claims['bucket'].get(`lease.${id}`))?.value).not.toBe('');
  });

  it('is ended though another program gave one a name that none has', async () => {
    await first.process.get(NATS_CONNECTION).request('$KV.sessions.lease.ü', '{}');
    await claim(second, 'ann', 's1');
    await kill(second);
    await look(looksToEnd);
    expect(await sessionOf('ann')).toBeUndefined();
  });

  it.each(['{', '[]', '"x"', '5'])('is ended where another program wrote %s there', async (text) => {
    await first.process.get(NATS_CONNECTION).request('$KV.sessions.lease.odd', text);
    await look(looksToEnd);
    const left = await first.claims['bucket'].list('lease.*', ({ key }) => key);
    expect(left).not.toContain('lease.odd');
  });
});

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
