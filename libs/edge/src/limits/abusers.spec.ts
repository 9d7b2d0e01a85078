import { GameErrors } from '@ccgame/protocol';
import { invalid, RpcError } from '@ccgame/rpc';
import type { PlayerSession } from '../gateway/player-session.js';
import { Abusers } from './abusers.js';
import { SessionLimits } from './session-limits.js';

describe('a player whose messages are refused again and again', () => {
  const refused = (error: unknown): string[] => {
    const closed: string[] = [];
    const limits = new SessionLimits({} as never);
    const session = { playerId: 'ann', limits, close: (code: string) => closed.push(code) };
    const abusers = new Abusers();
    for (let count = 0; count < 150 && closed.length === 0; count += 1)
      abusers.recordRefusal(session as unknown as PlayerSession, error);
    return closed;
  };

  it.each([
    ['is none', invalid([{ field: 'route', rule: 'is missing' }])],
    ['has a token of another player', GameErrors.UNAUTHENTICATED()],
  ])('is thrown out where it %s', (_, error) => {
    expect(refused(error)).toEqual(['ABUSE']);
  });

  it.each([
    ['has as many as it can hold, as it hangs', new RpcError('BUSY')],
    ['is not there', new RpcError('NO_SERVER')],
    ['has a mistake in its code', new TypeError('no function')],
    ['is of a version that was retired meanwhile', GameErrors.VERSION_GONE()],
  ])('stays where a server %s', (_, error) => {
    expect(refused(error)).toEqual([]);
  });
});
