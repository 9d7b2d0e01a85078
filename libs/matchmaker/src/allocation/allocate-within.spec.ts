import type { MatchRecord } from '../contracts/matches.js';
import { allocateWithin } from './allocate-within.js';
import { MatchAllocators } from './match-allocators.js';

const match: MatchRecord = { matchId: 'm', mode: 'duel', version: '1.0.0000', teams: [], createdAt: 0 };
const ask = (allocate: () => Promise<unknown>, timeoutMs = 5_000): Promise<unknown> =>
  allocateWithin({ patienceMs: 1, allocate }, match, timeoutMs);

describe('the game’s allocator', () => {
  it('is given up when it never answers', async () => {
    await expect(ask(() => new Promise(() => {}), 20)).rejects.toThrow('did not answer within 20 ms');
  });

  it('gives what can be stored and pushed', async () => {
    expect(await ask(async () => ({ address: '203.0.113.7', at: new Date(0) }))).toEqual({
      address: '203.0.113.7',
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('that throws at the call fails that call alone, and leaves nothing that rejects later', async () => {
    const stray = jest.fn();
    process.once('unhandledRejection', stray);
    const throwing = (): never => {
      throw new Error('no fleet');
    };
    await expect(ask(throwing, 20)).rejects.toThrow('no fleet');
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.removeListener('unhandledRejection', stray);
    expect(stray).not.toHaveBeenCalled();
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 31, 1e12, '30000', undefined])(
    'is refused at the start with a patience of %p ms, which a timer would not keep',
    (patienceMs) => {
      const allocator = { patienceMs: patienceMs as number, allocate: async () => ({}) };
      expect(() => new MatchAllocators([allocator])).toThrow(
        expect.objectContaining({
          code: 'INVALID',
          details: { problems: [expect.objectContaining({ field: 'allocators.0.patienceMs' })] },
        }),
      );
    },
  );

  const circular: { self?: unknown } = {};
  circular.self = circular;
  it.each([
    ['nothing', undefined],
    ['a bigint', { port: 1n }],
    ['a circle', circular],
    ['a Map', new Map([['address', '203.0.113.7']])],
    ['an Error inside', { address: new Error('none') }],
    ['a book', { text: 'x'.repeat(17_000) }],
  ])('fails, so that it is asked again, with %s', async (_, given) => {
    await expect(ask(async () => given)).rejects.toThrow();
  });
});
