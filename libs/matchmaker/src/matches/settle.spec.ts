import type { MatchRecord, TicketRecord } from '../contracts/matches.js';
import type { Tickets } from '../store/ticket-store.js';
import { cancelMatch } from './match-outcome.js';

describe('a match that does not come about', () => {
  const ticket = (ticketId: string, unserved?: number): TicketRecord => ({
    ticketId,
    players: [ticketId],
    mode: 'duel',
    version: '1.0.0000',
    attributes: {},
    since: 7,
    state: 'proposed',
    matchId: 'm',
    ...(unserved !== undefined && { unserved }),
  });
  const record: MatchRecord = {
    matchId: 'm',
    mode: 'duel',
    version: '1.0.0000',
    teams: [['anna'], ['ben']],
    createdAt: 1,
    tickets: ['anna', 'ben'],
  };
  function after(
    tickets: TicketRecord[],
    ...rest: ['no-game-server' | 'declined', string[]]
  ): TicketRecord[] {
    const stored: Tickets = new Map(tickets.map((one) => [one.ticketId, { record: one, seq: 1 }]));
    const { messages } = cancelMatch({ record, seq: 2 }, stored, ...rest);
    return messages.slice(0, -1).map(({ payload }) => JSON.parse(payload) as TicketRecord);
  }

  it('for want of a game server opens its tickets twice, and the third time they leave', () => {
    let tickets = [ticket('anna'), ticket('ben', 1)];
    tickets = after(tickets, 'no-game-server', []);
    expect(tickets).toMatchObject([
      { state: 'open', unserved: 1, since: 7 },
      { state: 'open', unserved: 2 },
    ]);
    const again = tickets.map((one): TicketRecord => ({ ...one, state: 'proposed', matchId: 'm' }));
    expect(after(again, 'no-game-server', [])).toMatchObject([
      { ticketId: 'anna', state: 'open', unserved: 2 },
      { ticketId: 'ben', state: 'expired', reason: 'no-game-server' },
    ]);
  });

  it('for a decline counts nothing against the others', () => {
    expect(after([ticket('anna', 2), ticket('ben', 2)], 'declined', ['ben'])).toMatchObject([
      { state: 'open', unserved: 2 },
      { state: 'declined' },
    ]);
  });
});
