import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { firstTable, ReleaseStore, type ReleaseTable } from '@ccgame/releases';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { instance, NotedTarget } from '../../test/noted-target.js';
import { assertServed } from './assert-served.js';
import { canary } from './canary.js';
import { promote } from './promote.js';
import { retire } from './retire.js';
import { rollBack } from './rollback.js';
import { runSession } from './run-session.js';
import type { ReleaseSession } from './session.js';

const [first, second] = ['1.0.0000', '1.0.0001'];

type Work = (session: ReleaseSession) => Promise<void>;

const promotion: Work = (session) => promote(session, second, { moveNow: false, leaveBehind: true });
const rollback: Work = (session) => rollBack(session, undefined, { moveNow: false });
const share =
  (weight: number, moveNow = false): Work =>
  (session) =>
    canary(session, second, { weight, moveNow, guard: false, guardSeconds: 300 });

describe('players are given a version', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let store: ReleaseStore;
  let target: NotedTarget;
  let printed: string[];
  const options = { overlay: 'k8s/release', yes: true, why: '' };
  const release = (work: Work): Promise<void> =>
    runSession(nats, { target, channel: 'dev', natsAddress: server.address }, options, work);
  const table = async (): Promise<ReleaseTable | undefined> => (await store.readTable('dev'))?.table;

  beforeEach(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
    store = await ReleaseStore.open(nats);
    const note = { who: 'a test', why: '', action: 'init' };
    await store.writeFirstTable(firstTable('dev', first, [second]), note);
    target = new NotedTarget();
    printed = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await nats.close();
    await server.destroy();
  });

  it('that is retired only after it was deployed again, and the sentence says by which command', async () => {
    target.instances = [instance(first)];
    const { versions, ...rest } = firstTable('dev', first, [second]);
    const retired: ReleaseTable = {
      ...rest,
      versions: { ...versions, [second]: { ...versions[second], state: 'retired' } },
    };
    await expect(assertServed({ target }, retired, second)).rejects.toThrow(
      `${second} is retired. Nothing was changed. "ccgame release deploy ${second}" starts it again.`,
    );
  });

  it('only while a server of it runs where stable has one', async () => {
    target.instances = [instance(first)];
    const before = await table();
    for (const work of [promotion, share(10)])
      await expect(release(work)).rejects.toThrow(`No http server of ${second} runs, and ${first} has some`);
    expect(await table()).toEqual(before);

    target.instances = [instance(first), instance(second)];
    await release(share(10));
    target.instances = [instance(first)];
    // Fewer players than before.
    await release(share(5));
    await expect(release(share(6))).rejects.toThrow(`No http server of ${second} runs`);

    target.instances = [instance(first), instance(second)];
    await release(promotion);
    target.instances = [{ ...instance(first), state: 'leaving' }, instance(second)];
    await expect(release(rollback)).rejects.toThrow(`No http server of ${first} runs`);
    expect((await table())?.stable).toBe(second);
  }, 20_000);

  it('at once only where its servers are not far fewer than those that players come from', async () => {
    const ready = (of: Record<string, number>): void => {
      target.instances = Object.entries(of).flatMap(([version, count]) =>
        Array.from({ length: count }, () => ({ ...instance(version), isReady: true })),
      );
    };
    const move: Work = (session) => promote(session, second, { moveNow: true, leaveBehind: true });
    const before = await table();
    ready({ [first]: 40, [second]: 3 });
    for (const work of [move, share(60, true)])
      await expect(release(work)).rejects.toThrow(
        /^http: 1\.0\.0001 has 3 ready, and players of 40 of 1\.0\.0000 would come there at once\.\nNothing was changed\./,
      );
    expect(await table()).toEqual(before);
    // A tenth of them is no more than three servers bear.
    await release(share(10, true));
    // Fewer players than before: away from servers that are gone.
    ready({ [first]: 40 });
    await release(share(5, true));
    ready({ [first]: 40, [second]: 3 });
    // Without --move-now first, and then what is left.
    await release(promotion);
    await release(move);
    expect((await table())?.stable).toBe(second);

    ready({ [first]: 3, [second]: 40 });
    await release((session) => rollBack(session, undefined, { moveNow: true }));
    expect((await table())?.stable).toBe(first);
    expect(printed).toContain(
      'note: http: 1.0.0000 has 3 ready, and players of 40 of 1.0.0001 would come there at once.',
    );
  }, 20_000);

  it('again by a rollback while it is being retired, and its servers stay', async () => {
    target.instances = [instance(first), instance(second)];
    await release(promotion);
    const retirement = expect(
      release((session) => retire(session, first, { leaveBehind: true })),
    ).rejects.toThrow(`${first} is live by now: its retirement was taken back, and its servers run on.`);
    await untilHolds(async () => (await table())?.versions[first]?.state === 'draining');
    await release(rollback);
    await retirement;
    expect(await table()).toMatchObject({ stable: first, versions: { [first]: { state: 'live' } } });
    expect((await table())?.versions[first]).not.toHaveProperty('movesTo');
    expect(target.told).not.toContain(`stop ${first}`);
  }, 20_000);

  it('again though its routes are gone by then', async () => {
    target.instances = [instance(first), instance(second)];
    await release(promotion);
    target.whenUnrouted = async () => {
      await release(rollback);
      target.routes = undefined;
    };
    await expect(
      release((session) => retire(session, first, { force: first, leaveBehind: true })),
    ).rejects.toThrow('its retirement was taken back');
    expect(target.told).not.toContain(`stop ${first}`);
    expect(target.routes).toMatchObject({ stable: first });
  }, 20_000);
});
