import { PassThrough } from 'node:stream';
import { connect } from '@nats-io/transport-node';
import { type NatsConnection, TimeoutError } from '@nats-io/nats-core';
import {
  drainVersion,
  firstTable,
  ReleaseStore,
  setCanary,
  setFallback,
  type StoredRelease,
} from '@ccgame/releases';
import { NatsProblem, type NatsServer, startNats } from '@ccgame/testing';
import { instance, NotedTarget } from '../../test/noted-target.js';
import { StartFailed } from './await-servers.js';
import { changeFallback } from './change-fallback.js';
import { deploy } from './deploy.js';
import { followChange } from './follow-newest.js';
import { initChannel } from './init.js';
import { promote } from './promote.js';
import { retire } from './retire.js';
import { rollBack } from './rollback.js';
import { runSession } from './run-session.js';
import type { ReleaseSession } from './session.js';
import { KubectlFailed } from './targets/kubectl.js';

const [first, second, third] = ['1.0.0000', '1.0.0001', '1.0.0009'];

describe('a release that somebody else, or a fault, comes in between of', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let store: ReleaseStore;
  let target: NotedTarget;
  let printed: string[];
  const note = { who: 'a test', why: '', action: 'init' };
  const options = { overlay: 'k8s/release', yes: true, why: '' };
  const release = <T>(work: (session: ReleaseSession) => Promise<T>): Promise<T> =>
    runSession(nats, { target, channel: 'dev', natsAddress: server.address }, options, work);
  const stable = async (): Promise<string | undefined> => (await store.readTable('dev'))?.table.stable;

  beforeEach(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
    store = await ReleaseStore.open(nats);
    await store.writeFirstTable(firstTable('dev', first, [second, third]), note);
    target = new NotedTarget();
    printed = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await nats.close();
    await server.destroy();
  });

  it('has the routes of the newest table, also where the older change is the slower one', async () => {
    const fallback = (session: ReleaseSession): Promise<unknown> =>
      session.change('fallback', setFallback('http', second, first));
    target.beforeFollow = async () => {
      target.beforeFollow = () => Promise.resolve();
      await release((other) => other.change('promote', (table) => ({ ...table, stable: second })));
    };
    await release(fallback);
    expect(target.routes).toMatchObject({ stable: second, fallbacks: { http: { [second]: first } } });
  });

  it('does not go back to the older table that a replica of NATS shows which is behind', async () => {
    const before = (await store.readTable('dev')) as StoredRelease;
    const stored = await store.changeTable('dev', setFallback('http', second, first), note);
    const behind = { readTable: () => Promise.resolve(before) } as unknown as ReleaseStore;
    await followChange({ store: behind, target, channel: 'dev' }, stored);
    expect(target.told).toEqual(['follow']);
    expect(target.routes).toEqual(stored.table);
  });

  it('says that the table has changed where the routes could not follow, and how to go on', async () => {
    target.beforeFollow = () => Promise.reject(new Error('The API server does not answer.'));
    await expect(
      release((session) => promote(session, second, { moveNow: false, leaveBehind: true })),
    ).rejects.toThrow(
      /^The API server does not answer\.\nThe table has changed all the same \(promote 1\.0\.0001\).*"ccgame release follow"/,
    );
    expect(await stable()).toBe(second);
  });

  it('has its routes follow where NATS stored the table, and died before it could say so', async () => {
    const request = nats.request.bind(nats);
    jest.spyOn(nats, 'request').mockImplementation(async (subject, ...rest) => {
      const answer = await request(subject, ...rest);
      if (subject.startsWith('$KV.')) throw new TimeoutError();
      return answer;
    });
    await release((session) => promote(session, second, { moveNow: false, leaveBehind: true }));
    expect(target.routes?.stable).toBe(second);
  });

  it('is rolled back once: the second of two operators does not bring back what was bad', async () => {
    const back = (): Promise<void> => release((session) => rollBack(session, undefined, { moveNow: false }));
    await release((session) => promote(session, second, { moveNow: false, leaveBehind: true }));
    target.beforeFollow = () => Promise.reject(new Error('The API server does not answer.'));
    await expect(back()).rejects.toThrow('The table has changed all the same (rollback to 1.0.0000)');
    target.beforeFollow = () => Promise.resolve();
    await back();
    expect(await stable()).toBe(first);
    expect(target.routes?.stable).toBe(first);
    expect(printed.join('\n')).toMatch(/1\.0\.0000 is stable by a rollback of 1\.0\.0001 already \(/);
    await release((session) => promote(session, second, { moveNow: false, leaveBehind: true }));
    await back();
    expect(await stable()).toBe(first);
  });

  it('asks players to move once more where some could not be asked, and changes nothing', async () => {
    const move = (moveNow: boolean): Promise<void> =>
      release((session) => promote(session, second, { moveNow, leaveBehind: true }));
    await move(false);
    const before = await store.readTable('dev');
    await move(true);
    expect(printed).toContain('0 players are asked to move');
    expect(await store.readTable('dev')).toEqual(before);
  });

  it('is promoted, and a canary ended, once: the same command again has the routes follow, and asks players', async () => {
    const away = (): Promise<void> => Promise.reject(new Error('The API server does not answer.'));
    const there = (): Promise<void> => Promise.resolve();
    const promotion = (): Promise<void> =>
      release((session) => promote(session, second, { moveNow: false, leaveBehind: true }));
    const end = (moveNow: boolean): Promise<void> =>
      release((session) => rollBack(session, third, { moveNow }));
    target.beforeFollow = away;
    await expect(promotion()).rejects.toThrow('The table has changed all the same (promote 1.0.0001)');
    target.beforeFollow = there;
    await promotion();
    expect(target.routes?.stable).toBe(second);

    await expect(end(false)).rejects.toThrow('1.0.0009 is no canary.');
    await release((session) => session.change('canary 1.0.0009', setCanary(third, { weight: 10 })));
    target.beforeFollow = away;
    await expect(end(false)).rejects.toThrow('The table has changed all the same (rollback 1.0.0009)');
    target.beforeFollow = there;
    const before = await store.readTable('dev');
    await end(true);
    expect(target.routes?.canaries).toEqual([]);
    expect(printed.join('\n')).toMatch(/1\.0\.0009 is no canary any more: "rollback 1\.0\.0009" by /);
    expect(printed).toContain('0 players are asked to move');
    expect(await store.readTable('dev')).toEqual(before);
  });

  it('has a fallback that is ended once, and is refused where there never was one', async () => {
    const end = (type: string): Promise<void> =>
      release((session) => changeFallback(session, type, second, undefined));
    await release((session) => changeFallback(session, 'http', second, first));
    target.beforeFollow = () => Promise.reject(new Error('The API server does not answer.'));
    await expect(end('http')).rejects.toThrow('The table has changed all the same (fallback http 1.0.0001)');
    target.beforeFollow = () => Promise.resolve();
    const before = await store.readTable('dev');
    await end('http');
    expect(target.routes?.fallbacks).toEqual({ http: {} });
    expect(printed.join('\n')).toMatch(
      /1\.0\.0001 has no fallback for http any more: "fallback http 1\.0\.0001" by /,
    );
    await expect(end('htpp')).rejects.toThrow('1.0.0001 has no fallback for htpp.');
    expect(await store.readTable('dev')).toEqual(before);
  });

  it('promotes beside the stable version that was looked at, and beside no other', async () => {
    const promotion = (session: ReleaseSession, version: string): Promise<void> =>
      promote(session, version, { moveNow: false, leaveBehind: true });
    const late = release((session) => {
      const readTable = async (channel: string): Promise<StoredRelease | undefined> => {
        const found = await session.store.readTable(channel);
        if (found?.table.stable === first) await release((other) => promotion(other, third));
        return found;
      };
      const slow = Object.assign(Object.create(session.store) as ReleaseStore, { readTable });
      return promotion({ ...session, store: slow }, second);
    });
    await expect(late).rejects.toThrow(`${third} was made stable meanwhile`);
    expect(await stable()).toBe(third);
  });

  it('is refused by init before a server is started, where there is a table', async () => {
    await expect(release((session) => initChannel(session, '1.0.0002', { patience: 15 }))).rejects.toThrow(
      'The channel dev has a table already.',
    );
    expect(target.told).toEqual([]);
  });

  it('takes no servers away to which routes still lead', async () => {
    await store.changeTable('dev', drainVersion(second), note);
    target.instances = [instance(second)];
    await release((session) => retire(session, second, { force: second, leaveBehind: false }));
    expect(target.told).toEqual(['follow', `stop ${second}`, 'follow']);
  });

  it('goes on to retire where the cluster does not answer for a moment', async () => {
    await store.changeTable('dev', drainVersion(second), note);
    const { servers } = target;
    let asked = 0;
    target.servers = () => {
      asked += 1;
      return asked === 3 ? Promise.reject(new KubectlFailed('connection refused')) : servers();
    };
    await release((session) => retire(session, second, { leaveBehind: false }));
    expect(printed).toContain('The cluster does not answer. Looking again.');
    expect((await store.readTable('dev'))?.table.versions[second]?.state).toBe('retired');
  }, 20_000);

  it('gives up to retire in its time, also where NATS is away at its end', async () => {
    const retirement = release((session) => {
      jest.spyOn(session.operator, 'unbroken').mockRejectedValue(new NatsProblem('NATS is away.'));
      return retire(session, second, { waitSeconds: 1, leaveBehind: true });
    });
    await expect(retirement).rejects.toThrow(`${second} still has after 1 s: nobody knows what.`);
    expect(printed).toContain('NATS is away. Looking again.');
  }, 20_000);

  it('is gone on with by the command as it was typed', async () => {
    const { isTTY } = process.stdin;
    process.stdin.isTTY = false;
    try {
      const asked = { patience: 0.001, cleanUp: false, image: 'game:7', only: ['http'], group: 'beta' };
      await expect(release((session) => deploy(session, '1.0.0002', asked))).rejects.toThrow(
        '"ccgame release deploy 1.0.0002 --image game:7 --only http --group beta" once more goes on with it',
      );
    } finally {
      process.stdin.isTTY = isTTY;
    }
    expect((await store.readTable('dev'))?.table.versions['1.0.0002']).toEqual({
      state: 'deploying',
      group: 'beta',
    });
  }, 20_000);

  it.each([
    ['y', 'Its servers are removed.', 'retired'],
    ['n', '"ccgame release retire 1.0.0002" removes it.', 'deploying'],
  ])(
    'is cleaned up where a person at a terminal says so: %s',
    async (answer, end, state) => {
      const own = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
      const value = Object.assign(new PassThrough(), { isTTY: true });
      Object.defineProperty(process, 'stdin', { value, configurable: true });
      const asked = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
      value.write(`${answer}\n`);
      try {
        const options = { patience: 0.001, cleanUp: false };
        await expect(release((session) => deploy(session, '1.0.0002', options))).rejects.toThrow(end);
      } finally {
        Object.defineProperty(process, 'stdin', own);
      }
      expect(asked).toHaveBeenCalledWith(
        expect.stringContaining('Remove what was started of 1.0.0002? [y/N] '),
      );
      expect((await store.readTable('dev'))?.table.versions['1.0.0002']?.state).toBe(state);
    },
    20_000,
  );

  it('is cleaned up though a server of it does not answer', async () => {
    const asked = { patience: 0.001, cleanUp: true };
    await expect(release((session) => deploy(session, '1.0.0002', asked))).rejects.toThrow(StartFailed);
    expect(target.told).toContain('stop 1.0.0002');
    expect((await store.readTable('dev'))?.table.versions['1.0.0002']?.state).toBe('retired');
  }, 20_000);
});
