import type { MatchRecord, TicketRecord } from '@ccgame/matchmaker/store';
import { type FaultKind, judge } from './checker.js';
import type { History, StoredEvent } from './history.js';

const ticket = (
  player: string,
  state: TicketRecord['state'],
  more: Partial<TicketRecord> = {},
): TicketRecord => ({
  ticketId: `t-${player}`,
  players: [player],
  mode: 'duel',
  version: '1.0.0000',
  attributes: {},
  since: 1_000,
  state,
  ...more,
});

const match = (more: Partial<MatchRecord> = {}): MatchRecord => ({
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: [['anna'], ['ben']],
  tickets: ['t-anna', 't-ben'],
  createdAt: 2_000,
  state: 'announced',
  ...more,
});

const fence = (serverId: string) => ({ partition: 'duel', serverId, incarnation: '1' });

/** Each player's ticket is opened, the owner takes the partition, and one batch matches both. */
function good(): History {
  const records = [
    { kind: 'ticket', player: 'anna', record: ticket('anna', 'open') },
    { kind: 'ticket', player: 'ben', record: ticket('ben', 'open') },
    { kind: 'ticket', player: 'cleo', record: ticket('cleo', 'open') },
    { kind: 'fence', record: fence('matching-0') },
    { kind: 'fence', record: fence('matching-0') },
    { kind: 'ticket', player: 'anna', record: ticket('anna', 'matched', { matchId: 'm1' }) },
    { kind: 'ticket', player: 'ben', record: ticket('ben', 'matched', { matchId: 'm1' }) },
    { kind: 'match', record: match() },
    { kind: 'ticket', player: 'cleo', record: ticket('cleo', 'cancelled') },
  ] as const;
  return {
    events: records.map((record, index): StoredEvent => ({ ...record, seq: index + 1, storedAt: 0 })),
    acknowledged: [
      { player: 'anna', what: 'joined', ticketId: 't-anna', since: 1_000 },
      { player: 'ben', what: 'joined', ticketId: 't-ben', since: 1_000 },
      { player: 'cleo', what: 'left', ticketId: 't-cleo' },
    ],
    told: [
      { player: 'anna', matchId: 'm1' },
      { player: 'ben', matchId: 'm1' },
    ],
    asked: [],
    notified: [],
  };
}

/** As {@link good}; then the match asks for a player in its second team, and dora joins it on its game server. */
function goodBackfill(): History {
  const history = good();
  const allocation = { gameServer: 'g1' };
  history.events = history.events.map((event) =>
    event.kind === 'match' ? { ...event, record: match({ allocation }) } : event,
  );
  add(history, { kind: 'ticket', player: 'dora', record: ticket('dora', 'open') });
  add(history, { kind: 'fence', record: fence('matching-0') });
  add(history, { kind: 'ticket', player: 'dora', record: ticket('dora', 'matched', { matchId: 'm1' }) });
  const joining = { matchId: 'j1', backfillOf: 'm1', teams: [[], ['dora']], tickets: ['t-dora'], allocation };
  add(history, { kind: 'match', record: match(joining) });
  for (const one of history.told) one.gameServer = 'g1';
  history.told.push({ player: 'dora', matchId: 'm1', isBackfill: true, gameServer: 'g1' });
  history.asked.push({ matchId: 'm1', places: [1] });
  history.notified.push({ matchId: 'm1', player: 'dora' });
  return history;
}

const without = (history: History, drop: (event: StoredEvent) => boolean): void => {
  history.events = history.events.filter((event) => !drop(event));
};
const add = (history: History, event: object): void => {
  history.events.push({ seq: history.events.length + 1, storedAt: 0, ...event } as StoredEvent);
};

describe('the checker of matching histories', () => {
  it('finds nothing wrong with a good history, and counts', () => {
    expect(judge(good())).toEqual({ faults: [], tickets: { matched: 2, cancelled: 1 }, matches: 1 });
  });

  it.each<[FaultKind, string, (history: History) => void]>([
    [
      'lost ticket',
      'an acknowledged ticket that the stream never had',
      (history) => {
        history.acknowledged.push({ player: 'dora', what: 'joined', ticketId: 't-dora' });
      },
    ],
    [
      'lost ticket',
      'a ticket that vanished',
      (history) => {
        without(history, (event) => event.kind === 'ticket' && event.player === 'anna');
      },
    ],
    [
      'ticket with two ends',
      'a matched ticket that is cancelled',
      (history) => {
        add(history, { kind: 'ticket', player: 'anna', record: ticket('anna', 'cancelled') });
      },
    ],
    [
      'ticket with two ends',
      'a closed ticket that is open again',
      (history) => {
        add(history, { kind: 'ticket', player: 'cleo', record: ticket('cleo', 'open') });
      },
    ],
    [
      'player with two open tickets',
      'a ticket over an open one',
      (history) => {
        const record = ticket('ben', 'open', { ticketId: 't-other' });
        history.events.splice(2, 0, { kind: 'ticket', player: 'ben', record, seq: 2.5, storedAt: 0 });
      },
    ],
    [
      'waiting time not kept',
      'a ticket that waits from anew',
      (history) => {
        const record = ticket('anna', 'open', { since: 1_500 });
        history.events.splice(3, 0, { kind: 'ticket', player: 'anna', record, seq: 3.5, storedAt: 0 });
      },
    ],
    [
      'waiting time not kept',
      'a ticket that was acknowledged with another time',
      (history) => {
        history.acknowledged.push({ player: 'anna', what: 'joined', ticketId: 't-anna', since: 900 });
      },
    ],
    [
      'left waiting',
      'two open tickets that fit each other',
      (history) => {
        for (const player of ['dora', 'emil'])
          add(history, { kind: 'ticket', player, record: ticket(player, 'open') });
      },
    ],
    [
      'left waiting',
      'a party and two others, of whom each is enough for a team',
      (history) => {
        for (const players of [['dora'], ['emil'], ['fay', 'gus']]) {
          const [player = ''] = players;
          const record = ticket(player, 'open', { players, mode: 'torture-checked' });
          add(history, { kind: 'ticket', player, record });
        }
      },
    ],
    [
      'player in two matches',
      'a ticket in two matches',
      (history) => {
        add(history, { kind: 'match', record: match({ matchId: 'm2' }) });
        history.told.push({ player: 'anna', matchId: 'm2' }, { player: 'ben', matchId: 'm2' });
      },
    ],
    [
      'match without its tickets',
      'a matched ticket whose match is not written',
      (history) => {
        without(history, (event) => event.kind === 'match');
      },
    ],
    [
      'match without its tickets',
      'a match of a ticket that is open',
      (history) => {
        without(history, ({ seq }) => seq === 7);
      },
    ],
    [
      'matched twice',
      'a player who is told twice',
      (history) => {
        history.told.push({ player: 'anna', matchId: 'm1' });
      },
    ],
    [
      'matched never told',
      'a player who is not told',
      (history) => {
        history.told.pop();
      },
    ],
    [
      'told of no match',
      'a player who is told of a match of others',
      (history) => {
        history.told.push({ player: 'cleo', matchId: 'm1' });
      },
    ],
    [
      'left, but not cancelled',
      'a cancel that did not hold',
      (history) => {
        without(history, ({ seq }) => seq === 9);
      },
    ],
    [
      'lost the place without fault',
      'a ticket that is closed as another player declined',
      (history) => {
        const record = match({
          matchId: 'm2',
          state: 'cancellationAnnounced',
          reason: 'declined',
          blamed: ['emil'],
        });
        add(history, { kind: 'match', record });
        add(history, { kind: 'ticket', player: 'dora', record: ticket('dora', 'open') });
        const declined = ticket('dora', 'declined', { matchId: 'm2', reason: 'declined' });
        add(history, { kind: 'ticket', player: 'dora', record: declined });
      },
    ],
    [
      'lost the place without fault',
      'a ticket that is closed though its player accepted in time',
      (history) => {
        const record = match({
          matchId: 'm2',
          state: 'cancellationAnnounced',
          reason: 'not-accepted',
          blamed: ['dora'],
          accepted: ['dora'],
        });
        add(history, { kind: 'match', record });
        const declined = ticket('dora', 'declined', { matchId: 'm2', reason: 'not-accepted' });
        add(history, { kind: 'ticket', player: 'dora', record: declined });
      },
    ],
    [
      'written behind a newer fence',
      'a commit of an owner who was replaced',
      (history) => {
        history.events.splice(4, 0, { kind: 'fence', record: fence('matching-1'), seq: 4.5, storedAt: 0 });
      },
    ],
  ])('finds "%s": %s', (kind, _, corrupt) => {
    const history = good();
    corrupt(history);
    expect(judge(history).faults.map((fault) => fault.kind)).toContain(kind);
  });

  it('finds nothing wrong with open tickets that fit no other', () => {
    const history = good();
    const wishes = [{ attributes: { region: 'r1' } }, { attributes: { region: 'r2' } }, { mode: 'other' }];
    for (const [index, more] of wishes.entries())
      add(history, { kind: 'ticket', player: `d${index}`, record: ticket(`d${index}`, 'open', more) });
    for (const player of ['emil', 'fay', 'gus'])
      add(history, { kind: 'ticket', player, record: ticket(player, 'open', { mode: 'torture-checked' }) });
    expect(judge(history).faults).toEqual([]);
  });

  it('finds nothing wrong where a running match gets a player', () => {
    expect(judge(goodBackfill()).faults).toEqual([]);
  });

  it.each<[FaultKind, string, (history: History) => void]>([
    [
      'more players than asked for',
      'a newcomer in the wrong team',
      (history) => {
        history.asked = [{ matchId: 'm1', places: [0] }];
      },
    ],
    [
      'running match not told',
      'a newcomer of whom the match does not know',
      (history) => {
        history.notified = [];
      },
    ],
    [
      'matched never told',
      'a newcomer who is not told',
      (history) => {
        history.told.pop();
      },
    ],
    [
      'matched twice',
      'a newcomer who is told twice',
      (history) => {
        history.told.push({ player: 'dora', matchId: 'm1', isBackfill: true, gameServer: 'g1' });
      },
    ],
    [
      'game server of two matches',
      'a game server that is given twice',
      (history) => {
        add(history, {
          kind: 'match',
          record: match({ matchId: 'm2', teams: [], tickets: [], allocation: { gameServer: 'g1' } }),
        });
      },
    ],
    [
      'told of another game server',
      'a player who is sent elsewhere',
      (history) => {
        history.told = history.told.map((one) => ({ ...one, gameServer: 'g2' }));
      },
    ],
  ])('finds "%s": %s', (kind, _, corrupt) => {
    const history = goodBackfill();
    corrupt(history);
    expect(judge(history).faults.map((fault) => fault.kind)).toContain(kind);
  });
});
