import { NotedTarget } from '../../test/noted-target.js';
import { awaitGone, awaitReady } from './await-servers.js';
import { KubectlFailed } from './targets/kubectl.js';
import type { Servers } from './targets/target.js';

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
});
