import type { BackfillRecord, TicketRecord } from '../contracts/matches.js';
import { MatchView } from '../view/match-view.js';
import { planBackfill } from './plan-backfill.js';

const mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };
const ticket: TicketRecord = {
  ticketId: 't',
  players: ['cleo'],
  mode: 'duel',
  version: '1.1.0000',
  attributes: {},
  since: 0,
  state: 'open',
};
const asked: BackfillRecord = {
  matchId: 'm',
  mode: 'duel',
  version: '1.0.0000',
  hardKeys: {},
  skill: 0,
  since: 0,
  until: 1e15,
  places: [0],
  state: 'open',
  joined: [],
};

/** The plan of 1.1.0000's servers for a match that began in 1.0.0000. */
function plan(request: BackfillRecord) {
  const view = new MatchView(new Set());
  const body = (record: object) => ({ body: () => record, storedAt: 0 });
  view.applyMessage({ kind: 'ticket', key: 'cleo', seq: 1, ...body(ticket) });
  view.applyMessage({ kind: 'backfill', key: 'm', seq: 2, ...body(request) });
  const backfill = { backfillId: 'm', matchId: 'm', skill: 0, since: 0, places: [0] };
  const teams = [[{ ticketId: 't', players: ['cleo'], skill: 0, since: 0 }], []];
  const context = { view, mode, partition: 'duel', version: '1.1.0000', now: 1 };
  return planBackfill({ teams, backfill }, context);
}

describe('players who join a running match', () => {
  it('are told the version in which it runs, whichever servers found them', () => {
    expect(plan(asked)?.record).toMatchObject({
      backfillOf: 'm',
      version: '1.0.0000',
      teams: [['cleo'], []],
    });
  });

  it.each([{ places: [1] }, { places: [0, 1] }, { lacks: [{ team: 0, role: 'tank' }] }])(
    'take no place that the match has not asked for since (%o)',
    (since) => expect(plan({ ...asked, ...since })).toBeUndefined(),
  );

  it('are the last of whom its request tells, however many it has had', () => {
    const joined = [Array.from({ length: 5_000 }, (_, index) => `p${index}`), []];
    const payload = plan({ ...asked, joined })?.messages.find(({ subject }) => subject.includes('backfill'));
    const after = JSON.parse(payload?.payload ?? '') as BackfillRecord;
    expect(after.joined[0]).toHaveLength(200);
    expect(after.joined[0]?.at(-1)).toBe('cleo');
  });

  it('leave the request small enough for NATS, however many teams there are and however long their ids', () => {
    const joined = Array.from({ length: 100 }, () => Array.from({ length: 200 }, () => 'x'.repeat(128)));
    const messages = plan({ ...asked, joined })?.messages ?? [];
    expect(Math.max(...messages.map(({ payload }) => payload.length))).toBeLessThan(700_000);
  });
});
