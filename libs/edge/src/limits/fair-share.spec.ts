import { FairShare } from './fair-share.js';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Reader {
  isReading = true;
  stopReading(): void {
    this.isReading = false;
  }
  readOn(): void {
    this.isReading = true;
  }
}

describe('a share of the event loop', () => {
  it('handles a burst in order, a few messages a turn, and reads no more meanwhile', async () => {
    const reader = new Reader();
    const share = new FairShare(reader);
    const handled: number[] = [];
    const perTurn: number[] = [];
    for (let index = 0; index < 100; index += 1) share.takeTurn(() => handled.push(index));
    while (handled.length < 100) {
      perTurn.push(handled.length);
      expect(reader.isReading).toBe(false);
      await nextTurn();
    }
    expect(handled).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(perTurn.length).toBeGreaterThan(5);
    await nextTurn();
    expect(reader.isReading).toBe(true);
  });

  it('is there anew in each turn', async () => {
    const reader = new Reader();
    const share = new FairShare(reader);
    let handled = 0;
    for (let round = 0; round < 10; round += 1) {
      for (let index = 0; index < 10; index += 1) share.takeTurn(() => (handled += 1));
      expect(handled).toBe((round + 1) * 10);
      expect(reader.isReading).toBe(true);
      await nextTurn();
    }
  });

  it('is over when it is closed: what waits is dropped, and nothing is read again', async () => {
    const reader = new Reader();
    const share = new FairShare(reader);
    let handled = 0;
    for (let index = 0; index < 100; index += 1) {
      share.takeTurn(() => {
        handled += 1;
        if (handled === 20) share.close();
      });
    }
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    expect(handled).toBe(20);
    expect(reader.isReading).toBe(false);
  });

  it('goes on behind a piece of work that throws, and reads again', () => {
    const turns: (() => void)[] = [];
    const planned = jest.spyOn(global, 'setImmediate').mockImplementation(((turn: () => void) => {
      turns.push(turn);
    }) as unknown as typeof setImmediate);
    const reader = new Reader();
    const share = new FairShare(reader, 1);
    const handled: string[] = [];
    share.takeTurn(() => void handled.push('first'));
    share.takeTurn(() => {
      throw new Error('a fault');
    });
    share.takeTurn(() => void handled.push('behind it'));
    const faults: unknown[] = [];
    for (let turn = turns.shift(); turn; turn = turns.shift()) {
      try {
        turn();
      } catch (error) {
        faults.push(error);
      }
    }
    planned.mockRestore();
    expect(faults).toHaveLength(1);
    expect(handled).toEqual(['first', 'behind it']);
    expect(reader.isReading).toBe(true);
  });

  it('gives the turn of those that have nothing to do to the next one', async () => {
    const share = new FairShare(undefined, 1);
    const handled: string[] = [];
    share.takeTurn(() => void handled.push('first'));
    for (let gone = 0; gone < 100; gone += 1) share.takeTurn(() => false);
    share.takeTurn(() => void handled.push('next'));
    share.takeTurn(() => void handled.push('last'));
    await nextTurn();
    expect(handled).toEqual(['first', 'next']);
    await nextTurn();
    expect(handled).toEqual(['first', 'next', 'last']);
  });
});
