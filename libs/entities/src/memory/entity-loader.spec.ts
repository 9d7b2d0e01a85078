import { Counter } from '../../../../proof/entities/counter.js';
import { markOf } from '../contract/decorators.js';
import { FenceUnknown, type PartitionStore } from '../storage/entity-store.js';
import type { StateWrites } from '../storage/state-writes.js';
import { EntityLoader } from './entity-loader.js';

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
