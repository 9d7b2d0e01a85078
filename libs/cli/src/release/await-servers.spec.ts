import { instance, NotedTarget } from '../../test/noted-target.js';
import { awaitGone, awaitReady } from './await-servers.js';
import { KubectlFailed } from './targets/kubectl.js';
import type { ServerInstance, Servers } from './targets/target.js';

const version = '1.0.0001';
const gone: Servers = { counts: [], instances: [] };
const ready: Servers = { ...gone, counts: [{ serverType: 'http', version, wanted: 1, ready: 1 }] };

/** A cluster whose API server is away at the first two questions. */
function targetThat(answers: Servers): NotedTarget {
  let asked = 0;
  return Object.assign(new NotedTarget(), {
    servers: () => {
      asked += 1;
      return asked > 2 ? Promise.resolve(answers) : Promise.reject(new KubectlFailed('connection refused'));
    },
    startProblems: () => Promise.resolve([]),
  });
}

describe('a wait for servers', () => {
  const waited = { version, types: ['http'], patienceMs: 1_000 };

  beforeEach(() => {
    jest.spyOn(console, 'log').mockReturnValue(undefined);
  });
  afterEach(() => jest.restoreAllMocks());

  it('goes on where the cluster does not answer for a moment', async () => {
    await awaitReady(targetThat(ready), waited);
    await awaitGone(targetThat(gone), version);
  });

  it('ends where it does not answer for a minute, and at once where anything else fails', async () => {
    const target = new NotedTarget();
    target.servers = () => Promise.reject(new KubectlFailed('connection refused'));
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 40_000));
    await expect(awaitReady(target, waited)).rejects.toThrow('connection refused');
    target.servers = () => Promise.reject(new Error('no launcher'));
    await expect(awaitGone(target, version)).rejects.toThrow('no launcher');
  });

  it('ends a minute after the time that a server has for its stop, and names it', async () => {
    const printed = jest.spyOn(console, 'log').mockReturnValue(undefined);
    const stopping: ServerInstance = { ...instance(version), state: 'leaving', stopMs: 130_000 };
    // The test's own clock: it begins, and stands at each look in turn.
    const clock = [1_000, 2_000, 190_999, 191_001];
    let looks = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => clock[looks] ?? Infinity);
    const target = new NotedTarget();
    target.servers = () => {
      looks += 1;
      return Promise.resolve({ counts: [], instances: [stopping, instance('1.0.0000')] });
    };
    await awaitGone(target, version);
    expect(looks).toBe(3);
    expect(printed.mock.calls).toEqual([
      ['1.0.0001: http-dev-v100001-0 is still stopping'],
      [
        '  http-dev-v100001-0 was told to stop, and still is there though it has 130 s for that; it is not waited for any longer.',
      ],
    ]);
  });
});
