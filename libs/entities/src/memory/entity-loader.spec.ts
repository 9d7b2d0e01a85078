import { Logger } from '@nestjs/common';
import { Counter } from '../../../../proof/entities/counter.js';
import { markOf } from '../contract/decorators.js';
import { FenceUnknown, type PartitionStore } from '../storage/entity-store.js';
import { PartitionSubjects } from '../storage/partition-subjects.js';
import type { StateWrites } from '../storage/state-writes.js';
import { EntityLoader } from './entity-loader.js';

describe('an entity that another version offers with its state', () => {
  afterEach(() => jest.restoreAllMocks());

  const checkpoint = {
    ...{ version: '1.0.0000', stateVersion: 1, n: 3, birth: 'x', random: 0, now: 0, tick: 0, to: '2.0.0000' },
    ...{ state: { count: 3 }, members: [], answers: [], outputs: [] },
  };

  /** @returns how often the state was read, and over what it was written */
  async function adopt(offered: object): Promise<{ reads: number; over: (number | undefined)[] }> {
    const readState = jest.fn(() => Promise.resolve({ checkpoint, seq: 9 }));
    const over: (number | undefined)[] = [];
    const loader = new EntityLoader({
      ...{ version: '2.0.0000', now: () => 0, hangs: { hangsOf: () => [] }, isRetired: () => false },
      kinds: new Map([
        ['counter', { mark: markOf(Counter), construct: () => Promise.resolve(new Counter()) }],
      ]),
      store: {
        readState,
        subjects: new PartitionSubjects('demo', '2.0.0000', 'p0'),
      } as unknown as PartitionStore,
      fenced: { fenceSequence: 1, fail: jest.fn() },
      writes: {
        writeState: ({ expected }: { expected?: number }) => Promise.resolve(over.push(expected)),
      } as unknown as StateWrites,
      sendVolatile: () => undefined,
    });
    const held = await loader.loadEntity('counter.a', { seq: 7, ...offered });
    expect(held?.live.place.version).toBe('2.0.0000');
    return { reads: readState.mock.calls.length, over };
  }

  it('is taken without a read, where it stands as it was offered', async () => {
    expect(await adopt({ state: JSON.stringify(checkpoint) })).toEqual({ reads: 0, over: [7] });
  });

  it.each([
    ['none', {}],
    ['none that can be read', { state: '{"version":' }],
    ['one that is none', { state: '{}' }],
    ['one of its own', { state: JSON.stringify({ ...checkpoint, version: '2.0.0000' }) }],
    ['one for another version', { state: JSON.stringify({ ...checkpoint, to: '3.0.0000' }) }],
  ])('is read where it comes with %s', async (_, offered) => {
    const told = jest.spyOn(Logger.prototype, 'error');
    expect(await adopt(offered)).toEqual({ reads: 1, over: [9] });
    // The stored one can be read.
    expect(told).not.toHaveBeenCalled();
  });
});

describe('a loader of entities whose store was lost', () => {
  it('has the partition given up once, though several reads waited for its fence', async () => {
    const fenced = { fenceSequence: 7_130, fail: jest.fn() };
    const waiting: ((error: Error) => void)[] = [];
    const readState = (): Promise<never> => new Promise((_, reject) => waiting.push(reject));
    const loader = new EntityLoader({
      version: '1.0.0000',
      kinds: new Map([
        ['counter', { mark: markOf(Counter), construct: () => Promise.resolve(new Counter()) }],
      ]),
      store: { readState } as unknown as PartitionStore,
      fenced,
      writes: {} as StateWrites,
      now: () => 0,
      hangs: { hangsOf: () => [] },
      isRetired: () => false,
      sendVolatile: () => undefined,
    });
    const [first, second] = ['counter.a', 'counter.b'].map((key) => loader.loadEntity(key));
    waiting[0]?.(new FenceUnknown());
    await expect(first).rejects.toMatchObject({ code: 'MOVED' });
    // Acquired anew, in the store that there is now.
    fenced.fenceSequence = 9;
    waiting[1]?.(new FenceUnknown());
    await expect(second).rejects.toMatchObject({ code: 'MOVED' });
    expect(fenced.fail).toHaveBeenCalledTimes(1);
  });
});
