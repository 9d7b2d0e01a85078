import { Config } from '@ccgame/config';
import type { NatsClock } from '@ccgame/jetstream';
import type { ReleaseService } from '@ccgame/releases';
import { untilHolds } from '@ccgame/testing';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { BackfillRecord, TicketRecord } from '../contracts/matches.js';
import type { Mode } from '../pool/rules/mode.js';
import { TicketPool } from '../pool/ticket-pool.js';
import { WorkScheduler } from '../work-scheduler.js';
import type { MatchFeed } from './match-feed.js';
import { MatchView } from './match-view.js';
import { PartitionPools } from './partition-pools.js';

const mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };
const code = { type: 'string' as const, default: '' };
const coded: Mode = { ...mode, attributes: { code }, hardKeys: ['code'] };
const asked: BackfillRecord = {
  matchId: 'm1',
  mode: 'duel',
  version: Config.VERSION,
  hardKeys: {},
  skill: 0,
  since: 0,
  until: 10_000,
  places: [0],
  state: 'open',
  joined: [],
};

/** The pools of a server that has read that a running match asks for players. */
function setUp(itsMode: Mode = mode) {
  let now = 0;
  const view = new MatchView(new Set());
  const pools = new PartitionPools(
    { view } as unknown as MatchFeed,
    { find: () => itsMode } as unknown as ModeCatalogue,
    { currentTable: () => undefined } as unknown as ReleaseService,
    new WorkScheduler(),
    { now: () => now } as unknown as NatsClock,
  );
  view.applyMessage({ kind: 'backfill', key: 'm1', body: () => asked, seq: 1, storedAt: 0 });
  pools.backfillChanged(asked);
  const look = (at: number): number => {
    pools.forgetEmpty((now = at));
    return [...pools.partitions.values()].reduce((sum, { pool }) => sum + pool.backfills, 0);
  };
  return { pools, look };
}

describe('a running match that asks for players', () => {
  it('asks until its time is up', () => {
    const { look } = setUp();
    expect(look(9_999)).toBe(1);
    expect(look(10_001)).toBe(0);
  });

  it('costs nothing afterwards: its partition is forgotten, and not made again at each look', () => {
    const { pools, look } = setUp();
    look(10_001);
    look(10_001 + 10 * 60_000 + 1);
    expect(pools.partitions.size).toBe(0);
    look(10_001 + 10 * 60_000 + 2);
    expect(pools.partitions.size).toBe(0);
  });
});

describe('a ticket that was opened before its mode changed', () => {
  const ticket: TicketRecord = {
    ...{ ticketId: 't1', players: ['p1'], mode: 'duel', version: Config.VERSION },
    ...{ attributes: {}, since: 0, state: 'open' },
  };
  const region = { type: 'enum' as const, values: ['eu', 'us'], default: 'eu' };
  const rating = { type: 'number' as const, min: 0, max: 5_000, default: 1_500 };
  const changed: Mode = {
    ...mode,
    attributes: { region, rating },
    hardKeys: ['region'],
    skill: { attribute: 'rating', start: 50, perSecond: 0 },
    longestWaitMs: 60_000,
  };

  it.each([
    ['has not the key', {}],
    ['has a value that is none any more', { region: 'asia', rating: 9_000 }],
    ['has the value of another type', { region: 7, rating: 'gold' }],
  ])('waits with those who come now, by the defaults, where it %s', (_, attributes) => {
    const { pools } = setUp(changed);
    pools.ticketChanged({ ...ticket, attributes }, 0);
    pools.ticketChanged(
      { ...ticket, ticketId: 't2', players: ['p2'], attributes: { region: 'eu', rating: 1_500 } },
      0,
    );
    const [old, fresh] = ['t1', 't2'].map((id) => pools.partitionOfTicket(id));
    expect(old).toBe(fresh);
    expect(old?.pool.getTicket('t1')).toMatchObject({ skill: 1_500 });
  });
});

describe('partitions by a code that players choose', () => {
  const ticketOf = (number: number, state: TicketRecord['state']): TicketRecord => ({
    ...{ ticketId: `t${number}`, players: [`p${number}`], mode: 'duel', version: Config.VERSION },
    ...{ attributes: { code: `c${number}` }, since: 0, state },
  });

  it('are forgotten soon where many of them are empty, those first that are empty for longest', () => {
    const { pools, look } = setUp(coded);
    for (let number = 0; number < 3_000; number += 1) {
      pools.ticketChanged(ticketOf(number, 'open'), 0);
      if (number !== 7) pools.ticketChanged(ticketOf(number, 'cancelled'), 0);
      if (number % 100 === 99) look(number);
    }
    const codes = [...pools.partitions.keys()].map((name) => name.split('~c').at(-1));
    expect(pools.partitions.size).toBeLessThanOrEqual(1_002);
    expect(codes).toEqual(expect.arrayContaining(['7', '2999', '2500']));
    expect(codes).not.toContain('100');
  });

  it('are kept while a match of theirs is being written', () => {
    const { pools, look } = setUp(coded);
    pools.ticketChanged(ticketOf(0, 'open'), 0);
    const [name] = [...pools.partitions.keys()].slice(-1);
    pools.partitions.get(name)?.pool.removeTicket('t0');
    pools.beginCommit(name, ['t0']);
    look(0);
    for (let number = 1; number < 3_000; number += 1) {
      pools.ticketChanged(ticketOf(number, 'open'), 0);
      pools.ticketChanged(ticketOf(number, 'cancelled'), 0);
    }
    look(1);
    expect(pools.partitions.has(name)).toBe(true);
  });
});

it('waits count once, though the stream is read anew', () => {
  const { pools } = setUp();
  const [{ name }] = pools.partitions.values();
  const ticket = { mode: 'duel', version: Config.VERSION, attributes: {}, since: 0, state: 'matched' };
  for (let reading = 0; reading < 2; reading += 1) {
    pools.forgetAll();
    for (let one = 1; one <= 3; one += 1)
      pools.ticketChanged({ ...ticket, ticketId: `t${one}` } as TicketRecord, one * 1_000);
  }
  // Too few for an estimate.
  expect(pools.waits.estimateWait(name, 0, 4_000)).toBeUndefined();
});

it('a new release table has each request looked at once, however many partitions there are', async () => {
  const view = new MatchView(new Set());
  let tableChanged = (): void => undefined;
  const pools = new PartitionPools(
    { view, addListener: () => undefined } as unknown as MatchFeed,
    { find: () => coded, onChange: () => undefined } as unknown as ModeCatalogue,
    {
      currentTable: () => undefined,
      onChange: (listener: () => void) => void (tableChanged = listener),
    } as unknown as ReleaseService,
    new WorkScheduler(),
    { now: () => 0 } as unknown as NatsClock,
  );
  pools.onModuleInit();
  for (let seq = 1; seq <= 300; seq += 1) {
    const record = { ...asked, matchId: `m${seq}`, hardKeys: { code: `lobby-${seq}` } };
    view.applyMessage({ kind: 'backfill', key: record.matchId, body: () => record, seq, storedAt: 0 });
    pools.backfillChanged(record);
  }
  const removed = jest.spyOn(TicketPool.prototype, 'removeBackfill');
  tableChanged();
  await untilHolds(() => !pools.isRebuilding);
  expect(removed).toHaveBeenCalledTimes(300);
  expect([...pools.partitions.values()].map(({ pool }) => pool.backfills)).toEqual(Array(300).fill(1));
  removed.mockRestore();
});

it('a partition knows whether it writes a match without a look at all that are written', () => {
  const { pools } = setUp();
  const partitions = Array.from({ length: 20_000 }, (_, index) => `duel~c${index}`);
  for (const name of partitions.slice(1)) pools.beginCommit(name, [`t-${name}`, `u-${name}`]);
  const before = process.cpuUsage();
  const writing = partitions.filter((name) => pools.isCommitting(name));
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  expect(writing).toEqual(partitions.slice(1));
  const [, first, second] = partitions;
  pools.putBackAllOf(first);
  pools.putBack([`t-${second}`]);
  expect([first, second].map((name) => pools.isCommitting(name))).toEqual([false, true]);
  pools.putBack([`u-${second}`]);
  expect(pools.isCommitting(second)).toBe(false);
});
