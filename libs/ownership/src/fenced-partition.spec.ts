import { NotStored } from '@ccgame/jetstream';
import { FencedPartition, type FenceStore, PartitionLost } from './fenced-partition.js';
import { NotTaken, tellingConflicts, WriteConflict } from './write-conflict.js';

/** Takes all that is written, and is always read up to the end. */
function openStore(): FenceStore {
  let sequence = 0;
  return {
    write: () => Promise.resolve((sequence += 1)),
    fenceMessage: (name) => ({ subject: name, payload: '' }),
    fenceOf: () => sequence,
    reachedWithin: () => Promise.resolve(true),
  };
}

describe('a partition whose owner fails by itself', () => {
  let now = 0;
  beforeEach(() => {
    now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => jest.restoreAllMocks());

  /** Owns the partition for so long, and fails. @returns the pause after that, ms */
  async function failAfter(fenced: FencedPartition, ownedMs: number): Promise<number> {
    await fenced.acquire();
    now += ownedMs;
    fenced.fail(new Error('no disk'));
    return fenced.retryAt - now;
  }

  it('is tried again ever more rarely', async () => {
    const fenced = new FencedPartition('p1', openStore(), { onOwned: () => {}, onLost: () => {} });
    const pauses: number[] = [];
    for (let failure = 0; failure < 9; failure += 1) pauses.push(await failAfter(fenced, 100));
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is tried again soon where it was owned for long, whatever was before', async () => {
    const fenced = new FencedPartition('p1', openStore(), { onOwned: () => {}, onLost: () => {} });
    for (let failure = 0; failure < 9; failure += 1) await failAfter(fenced, 100);
    expect(await failAfter(fenced, 31_000)).toBe(500);
  });
});

describe('a partition that is released while it is acquired', () => {
  it('is not owned when its fence has been read, and can be acquired again', async () => {
    const events: string[] = [];
    let isRead: (isInTime: boolean) => void = () => {};
    const store: FenceStore = {
      ...openStore(),
      reachedWithin: () => new Promise((resolve) => (isRead = resolve)),
    };
    const fenced = new FencedPartition('p1', store, {
      onFenced: () => events.push('fenced'),
      onOwned: () => events.push('owned'),
      onLost: (reason) => events.push(reason),
    });
    const first = fenced.acquire();
    await new Promise(setImmediate);
    await fenced.release();
    const readFirst = isRead;
    const second = fenced.acquire();
    await new Promise(setImmediate);
    readFirst(false);
    await first;
    expect([fenced.state, events]).toEqual(['acquiring', ['fenced', 'fenced']]);
    isRead(true);
    await second;
    expect([fenced.state, events]).toEqual(['owner', ['fenced', 'fenced', 'owned']]);
    await fenced.release();
    expect(fenced.state).toBe('away');
  });
});

describe('a partition with messages behind its fence', () => {
  /** @param over the sequence that stands where the first fence was to go */
  async function acquireOver(over: number, fails = ''): Promise<{ state: string; written: string[] }> {
    const store = openStore();
    const write = store.write.bind(store);
    const written: string[] = [];
    store.fenceMessage = (_name, expected) => ({ subject: 'fence', payload: '', expected });
    store.acquiringMessages = () => ['seen', 'alarms'].map((subject) => ({ subject, payload: '' }));
    store.write = async (messages) => {
      written.push(messages.map(({ subject }) => subject).join('+'));
      if (messages[0].subject === fails) throw new Error('no answer');
      if ((messages[0].expected ?? over) !== over) throw new WriteConflict(over);
      return write(messages);
    };
    let fence = 0;
    store.fenceOf = () => fence;
    store.reachedWithin = (sequence) => Promise.resolve((fence = sequence) > 0);
    const fenced = new FencedPartition('p1', store, { onOwned: () => {}, onLost: () => {} });
    await fenced.acquire();
    return { state: fenced.state, written };
  }

  it('is acquired by messages that go one behind the other, without a batch', async () => {
    expect(await acquireOver(0)).toEqual({ state: 'owner', written: ['fence', 'seen', 'alarms'] });
  });

  it('has them behind the fence that is stored, where the first one is refused', async () => {
    const once = ['fence', 'seen', 'alarms'];
    expect(await acquireOver(7)).toEqual({ state: 'owner', written: [...once, ...once] });
  });

  it('is not owned where one of them may not be stored', async () => {
    expect(await acquireOver(0, 'alarms')).toMatchObject({ state: 'away' });
  });
});

describe('a partition whose store has no room for a batch', () => {
  /** @param refusals so many writes are not taken, once the partition is owned */
  async function commitTo(refusals: number): Promise<{ fenced: FencedPartition; commit: Promise<number> }> {
    const store = openStore();
    const write = store.write.bind(store);
    let left = 0;
    store.write = (messages) => (left-- > 0 ? Promise.reject(new NotTaken('full')) : write(messages));
    const fenced = new FencedPartition('p1', store, { onOwned: () => {}, onLost: () => {} });
    await fenced.acquire();
    left = refusals;
    return { fenced, commit: fenced.commit([]) };
  }

  it.each([1, 4])('writes it again until it is taken, behind the same fence (%i)', async (refusals) => {
    const { fenced, commit } = await commitTo(refusals);
    expect([await commit, fenced.state]).toEqual([2, 'owner']);
  });

  it.each([10163, 10167, 10176, 10210])('knows such a refusal of JetStream by its code: %i', async (code) => {
    const refused = Promise.reject(new NotStored('refused', 'not now', code));
    await expect(tellingConflicts(refused)).rejects.toBeInstanceOf(NotTaken);
  });

  it('is given up where it is not taken for long', async () => {
    let now = 0;
    // Each look at the clock is two seconds later.
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 2_000));
    const { fenced, commit } = await commitTo(Infinity);
    await expect(commit).rejects.toThrow(PartitionLost);
    expect(fenced.state).toBe('away');
    jest.restoreAllMocks();
  });
});

describe('a partition that is given up while a batch is on its way', () => {
  /** The batch that was on its way fails like this when the partition is owned again. */
  async function failLate(error: Error): Promise<{ fenced: FencedPartition; lost: string[]; late: unknown }> {
    const lost: string[] = [];
    const store = openStore();
    const write = store.write.bind(store);
    let fail: (error: Error) => void = () => {};
    const fenced = new FencedPartition('p1', store, {
      onOwned: () => {},
      onLost: (reason) => lost.push(reason),
    });
    await fenced.acquire();
    store.write = () => new Promise((_, failed) => (fail = failed));
    const late = fenced.commit([]).catch((failed: unknown) => failed);
    await new Promise(setImmediate);
    fenced.fail(new Error('no disk'));
    store.write = write;
    await fenced.acquire();
    fail(error);
    return { fenced, lost, late: await late };
  }

  it.each([
    ['which nobody answered', new Error('no answer')],
    ['which is refused', new WriteConflict(2)],
  ])('stays owned when it was acquired again before that batch, %s, has failed', async (_, error) => {
    const { fenced, lost, late } = await failLate(error);
    expect(late).toBeInstanceOf(PartitionLost);
    expect([fenced.state, lost]).toEqual(['owner', ['partition.failed']]);
  });
});
