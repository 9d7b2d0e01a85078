import { ConnectedSessions } from './connected-sessions.js';
import type { PlayerSession } from './player-session.js';

describe('the sessions of a connector', () => {
  const sessionOf = (socket: string, version: string, isDisplaced = false): PlayerSession =>
    ({ socket: { id: socket }, playerId: 'ann', version, isDisplaced }) as PlayerSession;

  it('count a player once who moves to another version, for as long as the old socket waits for answers', () => {
    const sessions = new ConnectedSessions({} as never, {} as never, {} as never);
    const before = sessionOf('s1', '1.0.0000');
    sessions.addSession(before);
    expect(sessions.countByVersion()).toEqual(new Map([['1.0.0000', 1]]));
    Object.assign(before, { isDisplaced: true });
    sessions.addSession(sessionOf('s2', '1.0.0001'));
    expect(sessions.size).toBe(2);
    expect(sessions.countByVersion()).toEqual(new Map([['1.0.0001', 1]]));
  });
});
