import { RpcError } from '@ccgame/rpc';
import type { PushService } from '@ccgame/sessions';
import { untilHolds } from '@ccgame/testing';
import type { TicketStore } from '../store/ticket-store.js';
import { MatchAnnouncer } from './match-announcer.js';

const closed = { ticketId: 't1', mode: 'duel', reason: 'expired' };

/** @param failures of the first pushes */
function setUp(failures: Error[]) {
  const told: string[][] = [];
  const push = {
    toPlayers: (players: readonly string[]) => {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      told.push([...players]);
      return Promise.resolve();
    },
  } as unknown as PushService;
  return { told, announcer: new MatchAnnouncer({} as TicketStore, push) };
}

describe('the players of a ticket that was closed', () => {
  it('are told later where the push log takes nothing at that moment, and nobody waits for that', async () => {
    const { told, announcer } = setUp([new RpcError('BUSY')]);
    await announcer.announceClosedTicket(closed, ['anna', 'ben']);
    expect(told).toEqual([]);
    await untilHolds(() => told.length === 1);
    expect(told).toEqual([['anna', 'ben']]);
  });

  it('are not told again by what can never be sent', async () => {
    const { told, announcer } = setUp([new RpcError('INVALID')]);
    await expect(announcer.announceClosedTicket(closed, ['anna'])).rejects.toMatchObject({ code: 'INVALID' });
    expect(told).toEqual([]);
  });
});
