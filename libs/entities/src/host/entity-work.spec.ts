import type { EntityKind, HeldEntity } from '../memory/held-entity.js';
import type { VersionCalls } from '../partition/entity-mover.js';
import type { EntityPartition } from '../partition/entity-partition.js';
import { EntityWork } from './entity-work.js';

const kind = {
  mark: { contract: { name: 'profile' }, onRelease: 'move', stateVersion: 1 },
} as unknown as EntityKind;
const versions = { tryTaking: () => Promise.resolve(1) } as unknown as VersionCalls;

describe('entities that sleep, before a release', () => {
  afterEach(() => jest.restoreAllMocks());

  it('are only counted where the time is up: the operator would take a late answer for none', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const read: number[] = [];
    const partition = {
      version: '1.0.0000',
      liveEntities: () => [],
      sampleKept: (_name: string, most: number) => {
        read.push(most);
        now += 1_500;
        return Promise.resolve({ found: [], count: 50 });
      },
    } as unknown as EntityPartition;
    const kinds = new Map([['profile', kind]]);
    const work = new EntityWork({ kinds, versions, partitions: [partition, partition, partition] });
    expect(await work.findLeftBehind('1.0.0001')).toEqual({
      problems: [],
      tried: [{ name: 'profile entities', tried: 0, of: 150 }],
    });
    expect(read).toEqual([100, 100, 1]);
  });
});

it('the work of a server is told however many entities it has in memory', () => {
  const all = Array.from({ length: 200_000 }, (_, index) => ({ kind, loadedAt: -index }) as HeldEntity);
  const partition = { busyEntities: () => all } as unknown as EntityPartition;
  const work = new EntityWork({ kinds: new Map([['profile', kind]]), versions, partitions: [partition] });
  const [{ name, count, longestMs }] = work.listWork();
  expect({ name, count }).toEqual({ name: 'profile entities', count: 200_000 });
  expect(longestMs).toBeGreaterThanOrEqual(199_999);
});
