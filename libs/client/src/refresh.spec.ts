import { type Gap, type OnNotRecovered, Refresh } from './refresh.js';

const gap: Gap = { reason: 'expired' };
const since = { session: 's', position: 1 };

/** A hook whose runs the test ends. */
class Hook {
  readonly runs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly call: OnNotRecovered = () =>
    new Promise((resolve, reject) => void this.runs.push({ resolve, reject }));

  async untilRun(count: number): Promise<void> {
    while (this.runs.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('after a gap', () => {
  let hook: Hook;
  let given: unknown[];
  let failures: unknown[];
  let refresh: Refresh;

  beforeEach(async () => {
    hook = new Hook();
    given = [];
    failures = [];
    refresh = new Refresh(hook.call, {
      give: ({ data }) => given.push(data),
      failed: (cause) => failures.push(cause),
    });
    take(1);
    refresh.beginRefresh(gap, since);
    await hook.untilRun(1);
  });
  afterEach(() => refresh.stop());

  function take(...positions: number[]): void {
    for (const position of positions) refresh.acceptPush({ route: 'n', data: position, position });
  }

  const untilOver = async () => {
    while (refresh.since) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('pushes wait for the fresh state, come in order, and then flow', async () => {
    take(2, 3);
    expect(given).toEqual([1]);
    hook.runs[0].resolve();
    await untilOver();
    take(4);
    expect(given).toEqual([1, 2, 3, 4]);
  });

  it('volatile pushes are dropped meanwhile', async () => {
    refresh.acceptPush({ route: 'n', data: 'volatile' });
    hook.runs[0].resolve();
    await untilOver();
    expect(given).toEqual([1]);
  });

  it('another one has the state fetched again, and drops what came before it', async () => {
    take(2);
    refresh.beginRefresh(gap, { session: 's', position: 2 });
    take(3);
    expect(refresh.since).toEqual(since);
    hook.runs[0].resolve();
    await hook.untilRun(2);
    expect(given).toEqual([1]);
    hook.runs[1].resolve();
    await untilOver();
    expect(given).toEqual([1, 3]);
  });

  it('more pushes than may wait have the state fetched again in their place', async () => {
    take(...Array.from({ length: 1_001 }, (_, index) => index + 2));
    take(2_000);
    hook.runs[0].resolve();
    await hook.untilRun(2);
    hook.runs[1].resolve();
    await untilOver();
    expect(given).toEqual([1, 2_000]);
  });

  it('a failure is told, and the state fetched again', async () => {
    take(2);
    const error = new Error('no snapshot');
    hook.runs[0].reject(error);
    await hook.untilRun(2);
    expect(failures).toEqual([error]);
    expect(given).toEqual([1]);
    hook.runs[1].resolve();
    await untilOver();
    expect(given).toEqual([1, 2]);
  });

  it('nothing is given any more once the client is closed', async () => {
    take(2);
    refresh.stop();
    hook.runs[0].resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toEqual([1]);
    expect(refresh.since).toEqual(since);
  });
});
