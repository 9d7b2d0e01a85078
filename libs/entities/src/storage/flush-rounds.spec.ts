import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { FlushRounds } from './flush-rounds.js';

/** A write that is stored when the test says so. */
function openWrite(): { stored: Promise<void>; ack: () => void } {
  let ack = (): void => undefined;
  const stored = new Promise<void>((resolve) => (ack = resolve));
  return { stored, ack };
}

describe('the partitions of a server', () => {
  it('write together, and again when all of them have their acks', async () => {
    const rounds = new FlushRounds();
    const begun: string[] = [];
    const [one, other] = [openWrite(), openWrite()];
    const flush = (name: string, stored: Promise<void>) => (): Promise<void> => {
      begun.push(name);
      return stored;
    };
    const first = rounds.flushInRound(flush('p0', one.stored), 1);
    void rounds.flushInRound(flush('p1', other.stored), 1);
    await nextTurn();
    expect(begun).toEqual(['p0', 'p1']);
    one.ack();
    await first;
    const next = rounds.flushInRound(flush('p0 again', Promise.resolve()), 1);
    await nextTurn();
    expect(begun).toHaveLength(2);
    other.ack();
    await next;
    expect(begun).toEqual(['p0', 'p1', 'p0 again']);
  });

  it('wait for one whose write is slow for some ms, and then no more', async () => {
    const rounds = new FlushRounds();
    const slow = openWrite();
    const written = rounds.flushInRound(() => slow.stored, 1);
    await nextTurn();
    // The timer of the first of these begins a round without the slow one; the others have rounds of their own.
    for (let turn = 0; turn < 3; turn += 1) await rounds.flushInRound(() => Promise.resolve(), 1);
    slow.ack();
    await written;
  });

  it('do not wait with many inputs, nor where somebody stands still until they are stored', async () => {
    const rounds = new FlushRounds();
    const slow = openWrite();
    const written = rounds.flushInRound(() => slow.stored, 1);
    await nextTurn();
    let isBegun = false;
    const waiting = rounds.flushInRound(() => Promise.resolve(), 1);
    await rounds.flushInRound(async () => void (isBegun = true), Infinity);
    expect(isBegun).toBe(true);
    slow.ack();
    await Promise.all([written, waiting]);
  });

  it('go on where a write fails', async () => {
    const rounds = new FlushRounds();
    const fail = (): Promise<void> => Promise.reject(new Error('lost'));
    await expect(rounds.flushInRound(fail, 1)).rejects.toThrow('lost');
    const before = performance.now();
    await rounds.flushInRound(() => Promise.resolve(), 1);
    await sleep(10);
    await rounds.flushInRound(() => Promise.resolve(), 1);
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  describe('where what they have may wait', () => {
    const begun: string[] = [];
    const flush = (name: string) => (): Promise<void> => {
      begun.push(name);
      return Promise.resolve();
    };

    beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
    afterEach(() => jest.useRealTimers());

    /** Rounds that have just written, as they do at once after a pause. */
    async function openBusy(): Promise<FlushRounds> {
      const rounds = new FlushRounds();
      await rounds.flushInRound(flush('alone'), 1, true);
      begun.splice(0);
      return rounds;
    }

    it('write together some ms after the last time', async () => {
      const rounds = await openBusy();
      const first = rounds.flushInRound(flush('p0'), 1, true);
      jest.advanceTimersByTime(9);
      await nextTurn();
      const second = rounds.flushInRound(flush('p1'), 1, true);
      await nextTurn();
      expect(begun).toEqual([]);
      jest.advanceTimersByTime(1);
      await Promise.all([first, second]);
      expect(begun).toEqual(['p0', 'p1']);
    });

    it('write at once with one that may not wait', async () => {
      const rounds = await openBusy();
      const first = rounds.flushInRound(flush('p0'), 1, true);
      const second = rounds.flushInRound(flush('p1'), 1);
      await nextTurn();
      expect(begun).toEqual(['p0', 'p1']);
      await Promise.all([first, second]);
    });

    it('write at once when they are told to', async () => {
      const rounds = await openBusy();
      const written = rounds.flushInRound(flush('p0'), 1, true);
      await nextTurn();
      expect(begun).toEqual([]);
      rounds.hurry();
      await nextTurn();
      expect(begun).toEqual(['p0']);
      await written;
    });
  });
});
