import { RpcError } from '../errors.js';
import { type OwnerCall, untilOwned } from './until-owned.js';

const metIn = { version: () => undefined, remember: () => undefined, forget: () => undefined };

/** Each try is answered by the next of these. */
const ownerOf = (
  knowsRepeats: boolean,
  answers: (() => Promise<unknown>)[],
): OwnerCall & { tries: number } => ({
  tries: 0,
  knowsRepeats,
  metIn,
  call() {
    return answers[this.tries++]();
  },
});

const never = (): Promise<unknown> => new Promise(() => undefined);

describe('a call to an owner', () => {
  it('is sent again when no answer comes, as its server may have died before it said that it has the call', async () => {
    const owner = ownerOf(true, [never, () => Promise.resolve('of its successor')]);
    expect(await untilOwned(owner, 10_000)).toBe('of its successor');
  });

  it('takes the first answer, also to an earlier try, and ends the others', async () => {
    const late = new Promise((resolve) => setTimeout(() => resolve('late'), 600));
    const owner = ownerOf(true, [() => late, never, never]);
    expect(await untilOwned(owner, 10_000)).toBe('late');
    expect(owner.tries).toBe(2);
  });

  it('waits for its first try where a repeat is refused by a server that has all the calls it can hold', async () => {
    const busy = (): Promise<unknown> => Promise.reject(new RpcError('BUSY'));
    const late = new Promise((resolve) => setTimeout(() => resolve('late'), 700));
    expect(await untilOwned(ownerOf(true, [() => late, busy]), 10_000)).toBe('late');
    await expect(untilOwned(ownerOf(true, [busy]), 10_000)).rejects.toMatchObject({ code: 'BUSY' });
  });

  it.each(['NO_SERVER', 'MOVED'])(
    'is not sent again where a call which its handler made in its turn failed with %s',
    async (code) => {
      const begun = (): Promise<unknown> => Promise.reject(new RpcError(code, { retryable: false }));
      const owner = ownerOf(false, [begun, () => Promise.resolve('twice')]);
      await expect(untilOwned(owner, 1_000)).rejects.toMatchObject({ code });
      expect(owner.tries).toBe(1);
    },
  );

  it('is not sent again where the handler would not know it', async () => {
    const timedOut = (): Promise<unknown> =>
      new Promise((_, reject) => setTimeout(() => reject(new RpcError('TIMEOUT')), 700));
    const owner = ownerOf(false, [timedOut]);
    await expect(untilOwned(owner, 1_000)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(owner.tries).toBe(1);
  });
});
