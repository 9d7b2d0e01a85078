import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { drainVersion, firstTable, ReleaseStore } from '@ccgame/releases';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { canary } from './canary.js';
import { retire, type RetireOptions } from './retire.js';
import { runSession } from './run-session.js';
import type { ReleaseSession } from './session.js';
import type { ReleaseTarget, ServerInstance } from './targets/target.js';
import { printCheck, printStatus } from './views.js';

const [older, stable] = ['1.0.0000', '1.0.0001'];

const runs = (serverId: string, serverType: string, version: string): ServerInstance => ({
  serverId,
  serverType,
  version,
  state: 'running',
  isReady: true,
  stopMs: 1_000,
});
/** Any connector may have players of a version and any matching server its tickets; rooms are with its own servers. */
const silent = [
  runs('connector-dev-v100001-0', 'connector', stable),
  runs('matching-dev-v100001-0', 'matching', stable),
  runs('table-dev-v100000-0', 'table', older),
];

/** They run, as the place says, and NATS knows none of them: nobody can say what they have. */
describe('servers that run and do not answer', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let store: ReleaseStore;
  let instances: ServerInstance[];
  let told: string[];
  let printed: string[];
  const note = { who: 'a test', why: '', action: 'init' };

  /** A place that is told what to do, and does it at once. */
  const target = {
    serverTypes: ['connector', 'matching', 'table'],
    jobTypes: [],
    servers: () => Promise.resolve({ counts: [], instances }),
    follow: () => Promise.resolve(),
    stop: (version: string) => {
      told.push(`stop ${version}`);
      instances = instances.filter((one) => one.version !== version);
      return Promise.resolve();
    },
    routeProblems: () => Promise.resolve([]),
    routeLimits: () => Promise.resolve([]),
  } as unknown as ReleaseTarget;

  beforeEach(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address, maxReconnectAttempts: -1 });
    store = await ReleaseStore.open(nats);
    await store.writeFirstTable(firstTable('dev', stable, [older]), note);
    instances = [...silent];
    told = [];
    printed = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await nats.close();
    await server.destroy();
  });

  const release = <T>(work: (session: ReleaseSession) => Promise<T>): Promise<T> =>
    runSession(
      nats,
      { target, channel: 'dev', natsAddress: server.address },
      { overlay: 'k8s/release', yes: true, why: '' },
      work,
    );
  const retired = (options: Partial<RetireOptions> = {}): Promise<void> =>
    release((session) => retire(session, older, { leaveBehind: true, ...options }));
  const stateOf = async (version: string): Promise<string | undefined> =>
    (await store.readTable('dev'))?.table.versions[version]?.state;
  const isNamed = ({ serverId }: ServerInstance): RegExp => new RegExp(`${serverId} \\(NO_SERVER\\)`);

  it('are waited for by retire, each of them, until it is proven that they are gone', async () => {
    const done = retired();
    done.catch(() => undefined);
    for (const one of silent) {
      printed = [];
      await untilHolds(() => printed.length > 0, { timeoutMs: 15_000 });
      const line = printed.at(-1) ?? '';
      for (const other of instances.filter(({ state }) => state === 'running'))
        expect(line).toMatch(isNamed(other));
      expect(line).toContain('nobody knows how many players are there. It is waited for');
      expect(told).toEqual([]);
      instances = instances.map((other) =>
        other.serverId === one.serverId ? { ...other, state: 'absent' } : other,
      );
    }
    await done;
    expect(told).toEqual([`stop ${older}`]);
    expect(await stateOf(older)).toBe('retired');
  }, 60_000);

  it('are named when --wait-seconds are over, and are no zero then', async () => {
    await expect(retired({ waitSeconds: 1 })).rejects.toThrow(
      /^1\.0\.0000 still has after 1 s: 0 players, 0 tickets, work: none; .*connector-dev-v100001-0 \(NO_SERVER\).* do not answer: nobody knows how many players are there\. It drains on/,
    );
    expect([told, await stateOf(older)]).toEqual([[], 'draining']);
  }, 30_000);

  it('end --wait-seconds while NATS is away too, which proves nothing of anybody', async () => {
    instances = [];
    await store.changeTable('dev', drainVersion(older), note);
    await expect(
      release(async (session) => {
        const readTable = session.store.readTable.bind(session.store);
        // The last that is read before the wait.
        session.store.readTable = async (channel) => {
          const found = await readTable(channel);
          await server.stop('SIGKILL');
          return found;
        };
        await retire(session, older, { leaveBehind: true, waitSeconds: 1 });
      }),
    ).rejects.toThrow(
      '1.0.0000 still has after 1 s: nobody knows what. It drains on and nobody new gets it; the same command waits again.',
    );
    expect(told).toEqual([]);
  }, 60_000);

  it('are looked at no longer after Ctrl-C, which says what goes on without the command', async () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const listeners = process.listenerCount('SIGINT');
    /** The words at a Ctrl-C once the work has printed this; it ends as there is no server any more then. */
    const wordsAt = async (printing: string, work: Promise<void>): Promise<string> => {
      const ended = work.catch(() => undefined);
      await untilHolds(() => printed.some((line) => line.includes(printing)), { timeoutMs: 15_000 });
      said.mockClear();
      process.emit('SIGINT', 'SIGINT');
      const words = said.mock.calls.join('');
      instances = [];
      await ended;
      return words;
    };
    expect(await wordsAt('It is waited for', retired())).toContain(
      'Stopped looking: 1.0.0000 drains on: nobody new gets it',
    );
    instances = [...silent];
    const guard = { moveNow: false, guard: true, guardSeconds: 0.1 };
    expect(
      await wordsAt(
        'could not look',
        release((session) => canary(session, older, guard)),
      ),
    ).toMatch(
      /1\.0\.0000 keeps its players, and nobody guards it\. .*"ccgame release rollback 1\.0\.0000" ends it\./,
    );
    expect(exit.mock.calls).toEqual([[130], [130]]);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  }, 60_000);

  it('are named by status, and make its numbers lower bounds', async () => {
    await release(printStatus);
    const lines = printed.join('\n').split('\n');
    const lineOf = (version: string): string => lines.find((line) => line.startsWith(version)) ?? '';
    // Sessions and tickets of both versions, and the work of the one whose server is silent.
    expect(lineOf(older).match(/ \+ \?/g)).toHaveLength(3);
    expect(lineOf(older)).toContain('none + ?');
    expect(lineOf(stable).match(/ \+ \?/g)).toHaveLength(3);
    for (const one of silent) expect(lines.at(-1)).toMatch(isNamed(one));
  }, 30_000);

  it('are what check fails for', async () => {
    const failed = release(printCheck).catch((error: Error) => error.message);
    for (const { serverId } of silent)
      expect(await failed).toContain(`${serverId} runs, but does not answer (NO_SERVER).`);
  }, 30_000);
});
