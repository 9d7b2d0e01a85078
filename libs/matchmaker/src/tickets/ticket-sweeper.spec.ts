import { NotRead } from '@ccgame/jetstream';
import type { PlayerWhereabouts, Whereabouts } from '@ccgame/sessions';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { TicketRecord } from '../contracts/matches.js';
import type { MatchAnnouncer } from '../matches/match-announcer.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { Mode } from '../pool/rules/mode.js';
import type { MatchFeed } from '../view/match-feed.js';
import type { PartitionPools } from '../view/partition-pools.js';
import type { BannedPlayers } from './banned-players.js';
import type { HeldTickets } from './held-tickets.js';
import type { OwnTickets } from './own-tickets.js';
import { replaceTicket } from './replace-ticket.js';
import type { TicketMoves } from './ticket-moves.js';
import { TicketSweeper } from './ticket-sweeper.js';

jest.mock('./replace-ticket.js');

const sweepMs = 2_000;
const ticket: TicketRecord = {
  ticketId: 't1',
  players: ['anna'],
  mode: 'duel',
  version: '1.0.0000',
  attributes: {},
  hasSessions: true,
  since: 0,
  state: 'open',
};

const anyMode: Mode = { name: 'duel', teams: 2, teamSize: 4, maxParty: 4, hardKeys: [] };

/** One server sweeps every 2 s, for as long as the test wants. */
describe('a ticket that waits', () => {
  let closed: string[];
  let now: number;
  let mode: object | undefined;
  let tickets: Map<string, TicketRecord>;
  let whereabouts: () => Promise<Map<string, Whereabouts>>;
  let removeBanned: () => Promise<void>;
  let sweeper: TicketSweeper;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    closed = [];
    now = 0;
    mode = { disconnectGraceMs: 10_000 };
    tickets = new Map([['t1', ticket]]);
    whereabouts = () => Promise.resolve(new Map([['anna', { isAway: false }]]));
    removeBanned = () => Promise.resolve();
    jest.mocked(replaceTicket).mockReset();
    jest.mocked(replaceTicket).mockImplementation((_, __, { reason = '' }) => {
      closed.push(reason);
      return Promise.resolve({ done: true, value: true } as never);
    });
    sweeper = new TicketSweeper(
      { clock: { now: () => now }, health: { connected: true } } as unknown as TicketStore,
      { isCaughtUp: true, view: { openTickets: tickets } } as unknown as MatchFeed,
      { takesTicket: () => true } as unknown as PartitionPools,
      { isOwnTicket: () => true } as unknown as OwnTickets,
      { isCaughtUp: true, find: () => mode && { ...anyMode, ...mode } } as unknown as ModeCatalogue,
      { whereabouts: () => whereabouts() } as unknown as PlayerWhereabouts,
      { followLeader: () => Promise.resolve(), isLeftBehind: () => false } as unknown as TicketMoves,
      { removeFrom: () => removeBanned() } as unknown as BannedPlayers,
      { freeForgotten: () => Promise.resolve() } as unknown as HeldTickets,
      { announceClosedTicket: () => Promise.resolve() } as unknown as MatchAnnouncer,
    );
    sweeper.onApplicationBootstrap();
  });
  afterEach(() => {
    sweeper.onApplicationShutdown();
    jest.useRealTimers();
  });

  async function sweep(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      now += sweepMs;
      jest.advanceTimersByTime(sweepMs);
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    }
  }

  it('has 30 s each time that its mode is gone, also where it was opened since the last time', async () => {
    mode = undefined;
    await sweep(2);
    tickets.clear();
    mode = {};
    await sweep(20);
    mode = undefined;
    tickets.set('t1', ticket);
    await sweep(15);
    expect(closed).toEqual([]);
    await sweep(3);
    expect(closed).toContain('mode-gone');
  });

  it('leaves 30 s after its party became larger than a team of its mode, which no match has a place for', async () => {
    tickets.set('t1', { ...ticket, players: ['anna', 'ben', 'cleo'] });
    mode = { teamSize: 3, maxParty: 3 };
    await sweep(2);
    mode = { teamSize: 2, maxParty: 2 };
    await sweep(14);
    mode = { teamSize: 3, maxParty: 3 };
    await sweep(1);
    mode = { teamSize: 2, maxParty: 2 };
    await sweep(15);
    expect(closed).toEqual([]);
    await sweep(3);
    expect(closed).toContain('mode-gone');
  });

  it('leaves 30 s after its mode got a hard key without a default that it lacks, and not where it has one', async () => {
    const region = { type: 'enum', values: ['eu', 'us'] };
    tickets.set('t2', { ...ticket, ticketId: 't2', attributes: { region: 'eu' } });
    mode = { hardKeys: ['region'], attributes: { region: { ...region, default: 'eu' } } };
    await sweep(20);
    expect(closed).toEqual([]);
    mode = { hardKeys: ['region'], attributes: { region } };
    await sweep(14);
    expect(closed).toEqual([]);
    await sweep(3);
    const left = jest.mocked(replaceTicket).mock.calls.map(([, { ticketId }]) => ticketId);
    expect(new Set(left)).toEqual(new Set(['t1']));
    expect(closed).toContain('mode-gone');
  });

  const healer = { perTeam: { healer: 1, tank: 1 } };
  it.each<[string, object, string[]]>([
    [
      'parties became the smallest that may queue',
      { teamSize: 2, minParty: 2, maxParty: 2 },
      ['solo', 'tank', 'three'],
    ],
    [
      'the largest party became too small for the rest of a team',
      { minParty: 2, maxParty: 2 },
      ['solo', 'tank', 'three'],
    ],
    [
      'each place of a team became a role’s',
      { teamSize: 2, maxParty: 2, roles: healer },
      ['solo', 'two-tanks', 'three'],
    ],
    [
      'teams have a place for anybody beside its roles',
      { teamSize: 3, maxParty: 3, roles: healer },
      ['three'],
    ],
    ['a match does without roles after a wait', { roles: { ...healer, untilMs: 60_000 } }, []],
    [
      'parties became the smallest that may queue, and a running match may ask for one player',
      { teamSize: 2, minParty: 2, maxParty: 2, backfill: true },
      ['three'],
    ],
    ['a running match may ask for anybody', { teamSize: 3, maxParty: 3, roles: healer, backfill: true }, []],
    [
      'smaller teams are allowed after a wait',
      { minParty: 2, maxParty: 3, fewer: { afterMs: 1, teamSize: 3 } },
      [],
    ],
  ])('leaves 30 s after %s, where no team can have it', async (_, changed, left) => {
    const waiting: Record<string, Partial<TicketRecord>> = {
      solo: {},
      tank: { roles: [['tank']] },
      pair: { players: ['ben', 'cleo'], roles: [['tank'], ['healer', 'tank']] },
      'two-tanks': { players: ['dana', 'eve'], roles: [['tank'], ['tank']] },
      three: { players: ['finn', 'gil', 'hal'] },
    };
    tickets.clear();
    for (const [ticketId, more] of Object.entries(waiting))
      tickets.set(ticketId, { ...ticket, ticketId, ...more });
    mode = {};
    await sweep(20);
    mode = changed;
    await sweep(14);
    expect(closed).toEqual([]);
    await sweep(3);
    const gone = jest.mocked(replaceTicket).mock.calls.map(([, { ticketId }]) => ticketId);
    expect([...new Set(gone)]).toEqual(left);
  });

  it('is closed in the same sweep, though the one before it can’t be', async () => {
    tickets.set('t2', { ...ticket, ticketId: 't2', players: ['ben'] });
    tickets.set('t3', { ...ticket, ticketId: 't3', players: ['cas'] });
    const players = ['anna', 'ben', 'cas'];
    whereabouts = () =>
      Promise.resolve(new Map(players.map((player) => [player, { isAway: true, since: 0 }])));
    const left: string[] = [];
    jest.mocked(replaceTicket).mockImplementation((_, { ticketId }) => {
      if (ticketId === 't1') throw new Error('planted');
      if (ticketId === 't2') return Promise.reject(new Error('planted, later'));
      left.push(ticketId);
      return Promise.resolve({ done: true, value: true } as never);
    });
    now = 10_000;
    await sweep(1);
    expect(left).toEqual(['t3']);
  });

  it.each([
    ['a sweep fails', () => (removeBanned = () => Promise.reject(new Error('no')))],
    ['NATS can’t be asked who is there', () => (whereabouts = () => Promise.reject(new NotRead('away')))],
  ])('is closed when its player is away for the grace, though %s meanwhile', async (_, fail) => {
    const away = () => Promise.resolve(new Map([['anna', { isAway: true }]]));
    whereabouts = away;
    await sweep(3);
    fail();
    await sweep(1);
    whereabouts = away;
    removeBanned = () => Promise.resolve();
    await sweep(1);
    expect(closed).toEqual([]);
    await sweep(2);
    expect(closed).toContain('disconnected');
  });
});
