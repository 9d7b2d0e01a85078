import type { RpcService } from '@ccgame/rpc';
import type { PushService } from '@ccgame/sessions';
import { MatchAllocators } from '../allocation/match-allocators.js';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { MatchRecord, MatchState, TicketRecord } from '../contracts/matches.js';
import type { PlayedMatches } from '../store/played-matches.js';
import type { Tickets, TicketStore } from '../store/ticket-store.js';
import { Backfills } from './backfills.js';
import { MatchAnnouncer } from './match-announcer.js';
import { MatchSteps } from './match-steps.js';
import { ReadyChecks } from './ready-checks.js';

const players = ['anna', 'ben'];
const now = 1_000;
const matchSeq = 10;

const matchIn = (state: MatchState): MatchRecord => ({
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: players.map((player) => [player]),
  tickets: players,
  createdAt: now,
  state,
  acceptUntil: 10_000,
  allocateUntil: 10_000,
});

const ticketsIn = (seq: number, changed: Partial<TicketRecord>): Tickets =>
  new Map(
    players.map((player) => {
      const ticket = { mode: 'duel', version: '1.0.0000', attributes: {}, since: 0 };
      const record: TicketRecord = {
        ...ticket,
        ticketId: player,
        players: [player],
        state: 'open',
        ...changed,
      };
      return [player, { record, seq }];
    }),
  );
const before = ticketsIn(3, {});
const held = ticketsIn(8, { state: 'proposed', matchId: 'm1' });
const declined = ticketsIn(12, { state: 'declined', matchId: 'm1' });

/** A store that answers each look at tickets with the next of these, and then with the last one. */
function storeWith(match: MatchRecord, ...reads: Tickets[]) {
  const batches: Record<string, unknown>[][] = [];
  const store = {
    clock: { now: () => now },
    health: { connected: true },
    readMatch: () => Promise.resolve({ record: match, seq: matchSeq }),
    ticketsOf: (asked: string[]) => {
      const read = (reads.length > 1 ? reads.shift() : reads[0]) ?? [];
      return Promise.resolve(new Map([...read].filter(([player]) => asked.includes(player))));
    },
    writeBatch: (messages: { payload: string }[]) => {
      batches.push(messages.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>));
      return Promise.resolve(matchSeq + messages.length);
    },
  } as unknown as TicketStore;
  return { store, states: () => batches.map((batch) => batch.map(({ state }) => state)) };
}

/** Any replica of NATS answers a read, and one may not have a match's tickets yet as the match holds them. */
describe('where a replica of NATS does not have what was written a moment ago', () => {
  it('a match that has its game server comes about, with all of its tickets', async () => {
    const match = matchIn('allocating');
    const { store, states } = storeWith(match, before, before, held);
    const steps = new MatchSteps(
      store,
      { keep: () => Promise.resolve() } as unknown as PlayedMatches,
      { announceMatch: () => Promise.resolve() } as unknown as MatchAnnouncer,
      {} as RpcService,
      new MatchAllocators([{ patienceMs: 10_000, allocate: () => Promise.resolve({}) }]),
    );
    steps.advance({ record: match, seq: matchSeq });
    await steps.whenIdle();
    expect(states()).toEqual([['matched', 'matched', 'formed'], ['announced']]);
  });

  it('a decline sets free all whom the match held', async () => {
    const { store, states } = storeWith(matchIn('proposed'), before, held);
    await new ReadyChecks(store, new MatchAllocators([])).declineMatch('anna', 'm1');
    expect(states()).toEqual([['declined', 'open', 'cancelled']]);
  });

  it('a player who accepts very quickly is in that match', async () => {
    const { store, states } = storeWith(matchIn('proposed'), held);
    const match = await store.readMatch('m1');
    const reads = [undefined, undefined, match];
    Object.assign(store, { readMatch: () => Promise.resolve(reads.shift()) });
    await new ReadyChecks(store, new MatchAllocators([])).acceptMatch('anna', 'm1');
    expect(states()).toEqual([['proposed']]);
  });

  it('the last who accepts is not too late', async () => {
    const match = { ...matchIn('proposed'), accepted: ['ben'] };
    const { store, states } = storeWith(match, before, held);
    const { outcome } = await new ReadyChecks(store, new MatchAllocators([])).acceptMatch('anna', 'm1');
    expect(outcome).toBe('complete');
    expect(states()).toEqual([['matched', 'matched', 'formed']]);
  });

  it('a match that asks for players at once is known', async () => {
    const { store, states } = storeWith(matchIn('formed'), before);
    const finds = [undefined, undefined, matchIn('formed')];
    Object.assign(store, {
      readMatch: () => Promise.resolve(undefined),
      readBackfill: () => Promise.resolve({ seq: 0 }),
    });
    const backfills = new Backfills(
      store,
      { find: () => Promise.resolve(finds.shift()) } as unknown as PlayedMatches,
      { get: () => ({ name: 'duel', backfill: true, teamSize: 1 }) } as unknown as ModeCatalogue,
    );
    await backfills.requestPlayers({ matchId: 'm1', places: [0] });
    expect(states()).toEqual([['open']]);
  });

  it('a request for players that was made a moment ago is known, and is cancelled', async () => {
    const { store, states } = storeWith(matchIn('formed'), before);
    const asked = { matchId: 'm1', mode: 'duel', places: [0], joined: [], until: 10_000 };
    const newest = { record: { ...asked, state: 'open' }, seq: 4 };
    let reads: object[] = [];
    Object.assign(store, {
      health: { connected: true, isClustered: true },
      readBackfill: () => Promise.resolve(reads.shift() ?? newest),
    });
    const backfills = new Backfills(store, {} as PlayedMatches, {} as ModeCatalogue);
    reads = [{ seq: 0 }, { seq: 0 }];
    expect(await backfills.statusOf({ matchId: 'm1' })).toMatchObject({ state: 'open' });
    reads = [{ seq: 0 }, { record: { ...asked, state: 'cancelled' }, seq: 2 }];
    expect(await backfills.cancelRequest({ matchId: 'm1' })).toMatchObject({ state: 'over' });
    expect(states()).toEqual([['cancelled']]);
  });

  it('a player who left the queue by a decline is told', async () => {
    const { store } = storeWith(matchIn('cancelled'), held, declined);
    const told: string[] = [];
    const push = {
      toPlayers: (to: Iterable<string>, route: string) =>
        Promise.resolve(void told.push(`${route} ${[...to].join()}`)),
    } as unknown as PushService;
    const match: MatchRecord = { ...matchIn('cancelled'), dropped: ['anna'], blamed: ['anna'] };
    await new MatchAnnouncer(store, push).announceCancellation(match);
    expect(told).toEqual(['match.cancelled ben', 'ticket.closed anna']);
  });
});

it('a match whose tickets another server has set free meanwhile is not waited for', async () => {
  const { store, states } = storeWith(matchIn('proposed'), declined);
  await new ReadyChecks(store, new MatchAllocators([])).declineMatch('anna', 'm1');
  expect(states()).toEqual([['cancelled']]);
});
