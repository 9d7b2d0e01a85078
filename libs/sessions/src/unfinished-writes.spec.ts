import type { NatsHealth } from '@ccgame/nats';
import { type RpcContext, rpcContext } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import { UnfinishedWrites } from './unfinished-writes.js';

describe('writes that NATS does not take', () => {
  let tellConnected: (connected: boolean) => void;
  let unfinished: UnfinishedWrites;
  const written: string[] = [];
  let isAway: boolean;

  beforeEach(() => {
    written.length = 0;
    isAway = true;
    const onChange = (listener: (connected: boolean) => void): (() => void) => {
      tellConnected = listener;
      return () => undefined;
    };
    unfinished = new UnfinishedWrites({ onChange } as unknown as NatsHealth, 60_000);
  });
  afterEach(() => unfinished.close());

  const finish = (id: string, text: string): Promise<void> =>
    unfinished.finish(id, () => {
      if (!isAway) written.push(text);
      return Promise.resolve(!isAway);
    });
  async function comeBack(): Promise<void> {
    isAway = false;
    tellConnected(true);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('are repeated once when it is back, the newest of each id', async () => {
    await finish('a', 'first');
    await finish('a', 'second');
    await finish('b', 'other');
    await comeBack();
    await comeBack();
    expect(written).toEqual(['second', 'other']);
  });

  it('are repeated outside the call that was the first to keep one', async () => {
    const { setInterval: begin } = globalThis;
    const intervals = jest.spyOn(globalThis, 'setInterval').mockImplementation((repeat) => begin(repeat, 1));
    const contexts: RpcContext[] = [];
    const note = (): Promise<boolean> => Promise.resolve(contexts.push(rpcContext.get()) > 1);
    await rpcContext.run({ deadline: 1, attributes: { uid: 'anna' } }, () => unfinished.finish('a', note));
    intervals.mockRestore();
    await untilHolds(() => contexts.length === 2);
    expect(contexts).toEqual([{ deadline: 1, attributes: { uid: 'anna' } }, { attributes: {} }]);
  });

  it('are not repeated over a newer one that it took', async () => {
    await finish('a', 'first');
    isAway = false;
    await finish('a', 'second');
    await comeBack();
    expect(written).toEqual(['second']);
  });

  it('are not dropped by an older one that is done late', async () => {
    let takeFirst!: (done: boolean) => void;
    const first = unfinished.finish('a', () => new Promise((resolve) => (takeFirst = resolve)));
    await finish('a', 'second');
    takeFirst(true);
    await first;
    await comeBack();
    expect(written).toEqual(['second']);
  });

  it('are not kept when a newer one was done meanwhile', async () => {
    let takeFirst!: (done: boolean) => void;
    const first = unfinished.finish('a', () => {
      if (!isAway) written.push('first');
      return isAway ? new Promise((resolve) => (takeFirst = resolve)) : Promise.resolve(true);
    });
    await unfinished.finish('a', () => Promise.resolve(true));
    takeFirst(false);
    await first;
    await comeBack();
    expect(written).toEqual([]);
  });
});
