import { HandOverTurns } from './hand-over-turns.js';

describe('the turns in which partitions are handed over', () => {
  const names = ['a', 'b', 'c', 'd'];
  const isGiven: string[] = [];
  let tellAcquired: (partition: string) => void;
  const membership = {
    members: () => ['one', 'two'],
    onAcquired: (listener: typeof tellAcquired) => (tellAcquired = listener),
  };

  beforeEach(() => (isGiven.length = 0));

  const turnsWith = (oneMs: number, allMs: number): HandOverTurns => {
    const turns = new HandOverTurns(membership, 'one', { oneMs, allMs });
    turns.listen();
    return turns;
  };
  const takeAll = (turns: HandOverTurns): Promise<void>[] =>
    names.map((name) =>
      turns.takeTurn(name, () => {
        isGiven.push(name);
        return Promise.resolve(true);
      }),
    );
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('come as soon as the next owner has the one before', async () => {
    const given = takeAll(turnsWith(60_000, 60_000));
    for (const [index, name] of names.entries()) {
      await given[index];
      await nextTurn();
      expect(isGiven).toEqual(names.slice(0, index + 1));
      tellAcquired(name);
    }
  });

  it('wait for silent owners no longer than all of them may', async () => {
    await Promise.all(takeAll(turnsWith(60_000, 30)));
    expect(isGiven).toEqual(names);
  });

  it('don’t wait for what was not given up, and one that fails holds up no other', async () => {
    const turns = turnsWith(60_000, 60_000);
    const failing = turns.takeTurn('x', () => Promise.reject(new Error('planted')));
    const kept = turns.takeTurn('y', () => Promise.resolve(false));
    const [first] = takeAll(turns);
    await expect(failing).rejects.toThrow('planted');
    await Promise.all([kept, first]);
    expect(isGiven).toEqual(['a']);
  });

  it('come at once when there is no more time', async () => {
    const turns = turnsWith(60_000, 60_000);
    const hanging = turns.takeTurn('x', () => new Promise(() => undefined));
    const given = takeAll(turns);
    await nextTurn();
    expect(isGiven).toEqual([]);
    turns.hurry();
    await Promise.all(given);
    expect(isGiven).toEqual(names);
    void hanging;
  });

  it('don’t wait where there is nobody else, and end with the server', async () => {
    const alone = new HandOverTurns({ ...membership, members: () => ['one'] }, 'one');
    await Promise.all(takeAll(alone));
    expect(isGiven).toEqual(names);
    const closed = turnsWith(60_000, 60_000);
    const [first] = takeAll(closed);
    await first;
    closed.close();
    tellAcquired('a');
    await nextTurn();
    expect(isGiven).toEqual([...names, 'a']);
  });
});
