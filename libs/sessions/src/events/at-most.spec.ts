import { AtMost } from './at-most.js';

describe('work of which so much is done at once', () => {
  let late: number;
  let begun: string[];
  let turns: AtMost;
  const never = (): Promise<void> => new Promise(() => undefined);
  /** Returns what ends it. */
  const begin = (name: string): (() => void) => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    void turns.withTurn(() => {
      begun.push(name);
      return ended;
    });
    return end;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    late = 0;
    begun = [];
    turns = new AtMost(2, 60_000, () => (late += 1));
  });
  afterEach(() => void jest.useRealTimers());

  it('begins the next when one has ended, in order', async () => {
    const [endFirst] = ['a', 'b', 'c', 'd'].map(begin);
    expect(begun).toEqual(['a', 'b']);
    endFirst?.();
    await jest.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('gives the place of what does not end to the next, once', async () => {
    for (let count = 0; count < 2; count += 1) void turns.withTurn(never);
    const [endFirst] = ['c', 'd', 'e', 'f'].map(begin);
    await jest.advanceTimersByTimeAsync(59_000);
    expect(begun).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect([begun, late]).toEqual([['c', 'd'], 2]);
    // One that was late gives no place again when it ends.
    await jest.advanceTimersByTimeAsync(60_000);
    expect([begun, late]).toEqual([['c', 'd', 'e', 'f'], 4]);
    begin('g');
    endFirst?.();
    await jest.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['c', 'd', 'e', 'f']);
  });
});
