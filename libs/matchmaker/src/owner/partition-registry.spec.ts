import { Drain } from '@ccgame/server';
import type { MatchSteps } from '../matches/match-steps.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { MatchFeed } from '../view/match-feed.js';
import type { PartitionPools } from '../view/partition-pools.js';
import { WorkScheduler } from '../work-scheduler.js';
import type { MatchingMembership } from './matching-membership.js';
import { PartitionRegistry } from './partition-registry.js';

const mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };

/** The registry of one server. Its pools and its matches are the test's. */
function setUp(whenIdle: () => Promise<void> = () => Promise.resolve()) {
  const feed = {
    addListener: () => {},
    isCaughtUp: true,
    isCurrent: true,
    view: {
      fences: new Map(),
      matches: new Map([['m1', { record: { matchId: 'm1', version: '1', state: 'formed' }, seq: 1 }]]),
    },
  };
  const advanced: string[] = [];
  const partitions = new Map([['duel', { name: 'duel', mode, pool: { size: 0 } }]]);
  const putBack: string[] = [];
  const fences: string[] = [];
  const writeBatch = ([{ subject }]: { subject: string }[]): Promise<never> => {
    fences.push(subject);
    return Promise.reject(new Error('Nothing is stored here'));
  };
  let serversChanged = (): void => {};
  const drain = new Drain();
  const registry = new PartitionRegistry(
    { health: { connected: true }, clock: { now: () => 0 }, writeBatch } as unknown as TicketStore,
    feed as unknown as MatchFeed,
    {
      partitions,
      onArrival: () => {},
      forgetEmpty: () => {},
      isCommitting: () => false,
      looksAfter: () => true,
      putBackAllOf: (name: string) => putBack.push(name),
    } as unknown as PartitionPools,
    new WorkScheduler(),
    {
      incarnation: '1',
      shouldOwn: () => true,
      onChange: (listener: () => void) => (serversChanged = listener),
      leave: () => Promise.resolve(),
    } as unknown as MatchingMembership,
    {
      allocateWithinMs: () => undefined,
      whenIdle,
      forgetAll: () => advanced.push('forgotten'),
      advance: ({ record }: { record: { matchId: string } }) => advanced.push(record.matchId),
    } as unknown as MatchSteps,
    drain,
  );
  registry.onModuleInit();
  return { registry, drain, partitions, putBack, fences, feed, advanced, look: () => serversChanged() };
}

describe('a matching server that stops', () => {
  it('waits for half of its time at most while an allocator looks for a game server', async () => {
    const { drain } = setUp(() => new Promise(() => {}));
    const failed: string[] = [];
    const started = performance.now();
    await drain.runSteps(performance.now() + 400, (name) => failed.push(name));
    expect(failed).toEqual([]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(195);
  });

  it('waits for nothing where nothing is under way', async () => {
    const { drain } = setUp();
    const failed: string[] = [];
    await drain.runSteps(performance.now() + 3_600_000, (name) => failed.push(name));
    expect(failed).toEqual([]);
  });
});

describe('a partition that is there no more, as its mode has other hard keys', () => {
  it('leaves its tickets to those that come after it, whatever became of its last batch', async () => {
    const { partitions, putBack, look } = setUp();
    look();
    expect(putBack).toEqual([]);
    partitions.delete('duel');
    look();
    await new Promise(setImmediate);
    expect(putBack).toEqual(['duel']);
  });
});

describe('a partition in which a player waits alone', () => {
  it('costs no fence before others are there to be matched', () => {
    const { partitions, fences, look } = setUp();
    look();
    const alone = partitions.get('duel')?.pool as { size: number; mayForm: boolean };
    alone.size = 1;
    look();
    expect(fences).toEqual([]);
    Object.assign(alone, { size: 2, mayForm: true });
    look();
    expect(fences).toEqual(['matches.fence.duel']);
  });
});

describe('a matching server whose stream was made anew', () => {
  it('forgets where matches stood in it', () => {
    const { registry, advanced } = setUp();
    registry.forgetAll();
    expect(advanced).toEqual(['forgotten']);
  });
});

describe('a matching server that comes back to NATS', () => {
  it('takes no match on before it has read what the others did with it', () => {
    const { feed, advanced, look } = setUp();
    feed.isCurrent = false;
    look();
    expect(advanced).toEqual([]);
    feed.isCurrent = true;
    look();
    expect(advanced).toEqual(['m1']);
  });
});
