import { matchingHandlers, type TicketStatus } from '../src/contracts/matching.js';
import { matchingOperations } from '../src/contracts/matching-operations.js';
import { addVersion, drainVersion, firstTable, markLive, ReleaseStore } from '@ccgame/releases';
import { rpcContext } from '@ccgame/rpc';
import { Cluster } from './cluster.js';
import { until } from './player.js';

const mode = { name: 'pair', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const changing = { ...mode, name: 'changing', versionGroup: 'one' };
const lonely = {
  ...mode,
  name: 'lonely',
  attributes: { skill: { type: 'number', min: 0, max: 1e9 } },
  skill: { attribute: 'skill', start: 0, perSecond: 0 },
  longestWaitMs: 3_600_000,
};
const both = { ...lonely, name: 'both', teamSize: 2, maxParty: 2 };
const checked = { ...mode, name: 'checked', readyCheckMs: 15_000 };
const old = '0.9.0000';
const next = '1.0.0001';
const note = { who: 'test', why: 'test', action: 'test' };

/**
 * Servers of 1.0.0000 and 1.0.0001, players who go from the one to the other, and tickets that players of 0.9.0000 opened
 * before its own servers went.
 */
describe('a ticket', () => {
  let cluster: Cluster;
  let store: ReleaseStore;

  beforeAll(async () => {
    cluster = await Cluster.start(1, [mode, changing, lonely, both, checked]);
    store = await ReleaseStore.open(cluster.connection);
    await store.writeFirstTable(firstTable('production', '1.0.0000', [old, next]), note);
    await (await cluster.addMatching({}, next)).process.untilReady();
  });
  afterAll(() => cluster.stop());

  const asked = <T>(uid: string, call: () => Promise<T>): Promise<T> =>
    rpcContext.run({ version: old, attributes: { uid } }, call);
  const join = (uid: string, modeName: string) =>
    asked(uid, () =>
      cluster.rpc.doRPC({ handler: matchingHandlers.join, version: '1.0.0000' }, { mode: modeName }),
    );
  const status = (uid: string): Promise<TicketStatus> =>
    asked(uid, () => cluster.rpc.doRPC({ handler: matchingHandlers.status, version: '1.0.0000' }, undefined));

  const waitsIn = async (version: string, count: number): Promise<void> => {
    const target = { handler: matchingOperations.countTickets, version };
    await until(
      async () => (await cluster.rpc.doRPC(target, { version })).tickets === count,
      `${count} wait in ${version}`,
    );
  };
  const skill = { attributes: { skill: 1 } };

  it('follows its player into the version where the player goes on, with its waiting time, and is one like any there', async () => {
    const before = await (await cluster.player('dora')).join(lonely.name, skill);
    const { ticketId, waitingSinceMs } = before;
    const dora = await cluster.player('dora', next);
    await waitsIn(next, 1);
    await waitsIn('1.0.0000', 0);
    const place = { position: 1, waiting: 1 };
    expect(await dora.status()).toMatchObject({ state: 'open', ticketId, waitingSinceMs, ...place });
    expect(await dora.ask('matching.explain', undefined)).toMatchObject({ ticketId, waiting: 1 });
    expect(await dora.join(lonely.name, skill)).toEqual(before);
    expect(await dora.ask('matching.user_cancel_ticket', { ticketId })).toEqual({ outcome: 'left' });
    await waitsIn(next, 0);
  });

  it('follows the player back, and is matched with those who play there', async () => {
    await (await cluster.player('eva')).join(mode.name);
    await cluster.player('eva', next);
    await waitsIn(next, 1);
    const eva = await cluster.player('eva');
    await waitsIn('1.0.0000', 1);
    const fay = await cluster.player('fay');
    await fay.join(mode.name);
    const match = await eva.pushed('matched');
    expect(match.version).toBe('1.0.0000');
    expect(await fay.pushed('matched')).toEqual(match);
  });

  it('of a party follows its leader with everybody in it, and not a member', async () => {
    const [lea, mia] = [await cluster.player('lea'), await cluster.player('mia')];
    const { ticketId } = await lea.joinWith([mia], both.name, skill);
    const moved = await cluster.player('mia', next);
    // One that does move: the same sweep has seen both.
    await (await cluster.player('nora')).join(lonely.name, skill);
    const nora = await cluster.player('nora', next);
    await waitsIn(next, 1);
    await waitsIn('1.0.0000', 1);
    const leader = await cluster.player('lea', next);
    await waitsIn(next, 2);
    for (const player of [leader, moved])
      expect(await player.status()).toMatchObject({ state: 'open', ticketId });
    await moved.ask('matching.user_leave_matching', undefined);
    await nora.ask('matching.user_leave_matching', undefined);
    await waitsIn(next, 0);
  });

  it('whose match is proposed stays in it, and is accepted from the version where its player goes on', async () => {
    const [oda, pia] = [await cluster.player('oda'), await cluster.player('pia')];
    await Promise.all([oda, pia].map((player) => player.join(checked.name)));
    const { matchId } = await oda.pushed('match.proposed');
    const moved = await cluster.player('oda', next);
    const accept = (player: typeof oda) => player.ask('matching.user_accept_match', { matchId });
    await Promise.all([accept(moved), accept(pia)]);
    expect(await pia.pushed('matched')).toMatchObject({ matchId, version: '1.0.0000' });
    expect(await moved.pushed('matched')).toMatchObject({ matchId });
  });

  it('stays in the version that a message named', async () => {
    const gil = await cluster.player('gil');
    const route = 'matching.user_join_matching';
    const message = { route, data: { mode: mode.name }, timestamp: 1, version: next };
    await gil.sendRaw(JSON.stringify(message), 1);
    await waitsIn(next, 1);
    // One that does move: the same sweep has seen both.
    await (await cluster.player('hal', next)).join(lonely.name, skill);
    const hal = await cluster.player('hal');
    await waitsIn('1.0.0000', 1);
    await waitsIn(next, 1);
    const ida = await cluster.player('ida', next);
    await ida.join(mode.name);
    expect((await gil.pushed('matched')).version).toBe(next);
    await hal.ask('matching.user_leave_matching', undefined);
  });

  it('leaves, and its player is told, when the player goes on in a version of another group', async () => {
    const other = '2.0.0000';
    await store.changeTable('production', addVersion(other, 'two'), note);
    await store.changeTable('production', markLive(other), note);
    await (await cluster.player('jon')).join(lonely.name, skill);
    const jon = await cluster.player('jon', other);
    expect(await jon.pushed('ticket.closed')).toMatchObject({ mode: 'lonely', reason: 'version-gone' });
  });

  it('is left to its own servers while its version lives, and matched here, with its waiting time, when that drains', async () => {
    const before = await join('anna', mode.name);
    const changed = await join('ben', changing.name);
    const cleo = await cluster.player('cleo');
    await cleo.join(mode.name);
    expect(await status('anna')).not.toHaveProperty('position');
    await cluster.declare({ ...changing, versionGroup: 'two' });
    await store.changeTable('production', drainVersion(old), note);
    const { matchId, teams } = await cleo.pushed('matched');
    expect(teams.flatMap(({ players }) => players).sort()).toEqual(['anna', 'cleo']);
    expect(await status('anna')).toMatchObject({
      state: 'matched',
      matchId,
      waitingSinceMs: before.waitingSinceMs,
    });
    // The mode plays with other versions by now.
    await until(async () => (await status('ben')).state !== 'open', 'the other ticket leaves');
    expect(await status('ben')).toMatchObject({
      ticketId: changed.ticketId,
      state: 'expired',
      reason: 'version-gone',
    });
  });
});
