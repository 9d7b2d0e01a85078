import type { OnSession, SeenSession } from '@ccgame/sessions';
import type { HeldEntity } from '../memory/held-entity.js';
import { MemberWatch } from './member-watch.js';

const held = {
  kind: { mark: { leaveAfterMs: 30_000 } },
  live: {
    instance: { members: ['anna'] },
    isMember: () => true,
    members: { presenceOf: () => ({ session: 's1', isAway: false }) },
  },
} as unknown as HeldEntity;
const banned: SeenSession = {
  session: 's1',
  version: '1.0.0000',
  socket: 'x',
  isConnected: false,
  why: 'BANNED',
  isOver: true,
};

describe('a member whose session is closed for good', () => {
  it.each([
    ['leaves, and is not told to be away first', true, []],
    ['is away where it can’t be stored now, and leaves by that', false, [[held, 'away', 'anna', 's1']]],
  ])('%s', (_, canLeave, told) => {
    const tell = jest.fn();
    const tellEnd = jest.fn(() => canLeave);
    const watchSession = (_playerId: string, listener: OnSession): (() => void) => {
      listener(banned);
      return () => undefined;
    };
    new MemberWatch({ watchSession }, tell, tellEnd).follow(held);
    expect(tellEnd).toHaveBeenCalledWith(held, 'anna', 'banned');
    expect(tell.mock.calls).toEqual(told);
  });
});
