import { isName } from '@ccgame/config';
import { RpcError } from '@ccgame/rpc';
import type { PushOptions, PushService } from '@ccgame/sessions';
import { untilHolds } from '@ccgame/testing';
import type { MatchRecord } from '../contracts/matches.js';
import type { TicketStore } from '../store/ticket-store.js';
import { MatchAnnouncer } from './match-announcer.js';

const closed = { ticketId: 't1', mode: 'duel', reason: 'expired' };

/** @param failures of the first pushes */
function setUp(failures: Error[]) {
  const told: string[][] = [];
  const triedAgo: Array<number | undefined> = [];
  const ids: Array<string | undefined> = [];
  const push = {
    toPlayers: (players: readonly string[], _route: string, _data: unknown, options: PushOptions) => {
      triedAgo.push(options.triedAgoMs);
      ids.push(options.id);
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      told.push([...players]);
      return Promise.resolve();
    },
  } as unknown as PushService;
  return {
    told,
    triedAgo,
    ids,
    announcer: new MatchAnnouncer({ clock: { now: () => 0 } } as TicketStore, push),
  };
}

describe('the players of a ticket that was closed', () => {
  it('are told later where the push log takes nothing at that moment, and nobody waits for that', async () => {
    const { told, announcer } = setUp([new RpcError('BUSY')]);
    await announcer.announceClosedTicket(closed, ['anna', 'ben']);
    expect(told).toEqual([]);
    await untilHolds(() => told.length === 1);
    expect(told).toEqual([['anna', 'ben']]);
  });

  it('are told a gap where the push log may have forgotten the first try by then', async () => {
    const { told, triedAgo, announcer } = setUp([new RpcError('TIMEOUT'), new RpcError('BUSY')]);
    await announcer.announceClosedTicket(closed, ['anna']);
    await untilHolds(() => told.length === 1);
    const [first, second = 0, third = 0] = triedAgo;
    expect(first).toBeUndefined();
    expect(second).toBeGreaterThan(100);
    expect(third).toBeGreaterThan(second + 500);
  });

  it('are not told again by what can never be sent', async () => {
    const { told, announcer } = setUp([new RpcError('INVALID')]);
    await expect(announcer.announceClosedTicket(closed, ['anna'])).rejects.toMatchObject({ code: 'INVALID' });
    expect(told).toEqual([]);
  });
});

describe('the players of a match', () => {
  const record: MatchRecord = {
    ...{ matchId: 'm1', mode: 'duel', version: '1.0.0000', createdAt: 0 },
    ...{ teams: [['anna'], ['ben']], reason: 'not-accepted', dropped: [] },
  };

  it('get pushes under ids that a game would not give to its own about the same match', async () => {
    const { ids, announcer } = setUp([]);
    await announcer.announceProposal(record);
    await announcer.announceMatch(record);
    await announcer.announceCancellation(record);
    await announcer.announceClosedTicket(closed, ['anna']);
    expect(ids).toEqual(
      ['proposed-m1', 'matched-m1', 'cancelled-m1', 'closed-t1'].map((id) => `ccgame:${id}`),
    );
    expect(ids.every((id) => isName('pushId', id))).toBe(true);
  });

  it.each(['announceProposal', 'announceMatch', 'announceCancellation'] as const)(
    'are told a gap where the log may have forgotten the first try by then: %s',
    async (announce) => {
      const { told, triedAgo, announcer } = setUp([new RpcError('TIMEOUT')]);
      await expect(announcer[announce](record)).rejects.toMatchObject({ code: 'TIMEOUT' });
      await announcer[announce](record);
      expect(told).toEqual([['anna', 'ben']]);
      expect(triedAgo[0]).toBeUndefined();
      expect(triedAgo[1]).toBeGreaterThan(0);
    },
  );
});
