import { matchingHandlers, type TicketStatus } from '#contracts';
import { drainVersion, firstTable, ReleaseStore } from '#releases';
import { rpcContext } from '#rpc';
import { Cluster } from './cluster.js';
import { until } from './player.js';

const mode = { name: 'pair', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };
const changing = { ...mode, name: 'changing', versionGroup: 'one' };
const old = '0.9.0000';
const note = { who: 'test', why: 'test', action: 'test' };

/** Servers of 1.0.0000, and tickets that players of 0.9.0000 opened before its own servers went. */
describe('a ticket of another version', () => {
  let cluster: Cluster;
  let store: ReleaseStore;

  beforeAll(async () => {
    cluster = await Cluster.start(1, [mode, changing]);
    store = await ReleaseStore.open(cluster.connection);
    await store.init(firstTable('production', '1.0.0000', [old]), note);
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

  it('is left to its own servers while its version lives, and matched here, with its waiting time, when that drains', async () => {
    const before = await join('anna', mode.name);
    const changed = await join('ben', changing.name);
    const cleo = await cluster.player('cleo');
    await cleo.join(mode.name);
    expect(await status('anna')).not.toHaveProperty('position');
    await cluster.declare({ ...changing, versionGroup: 'two' });
    await store.change('production', drainVersion(old), note);
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
