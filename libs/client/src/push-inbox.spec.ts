import type { SessionOpened } from '@ccgame/protocol';
import { PushInbox } from './push-inbox.js';

const opened = (given: Partial<SessionOpened>): SessionOpened => ({
  session: 's1',
  position: 10,
  recovered: true,
  serverId: 'connector-local-0',
  version: '1.0.0000',
  retryPolicies: {},
  ...given,
});

const push = (position: number) => ({ route: 'r', data: 1, position });

describe('the push inbox', () => {
  it('takes a push once, though two sockets bring it', () => {
    const inbox = new PushInbox();
    inbox.openSession(opened({ recovered: false }));
    expect(inbox.acceptPush(push(11))).toBe(true);
    expect(inbox.openSession(opened({ position: 10 }))).toBe(true);
    expect([11, 12, 12, 11, 13].map((position) => inbox.acceptPush(push(position)))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(inbox.position).toEqual({ session: 's1', position: 13 });
  });

  it('says that pushes may be missing when a session starts above what was seen', () => {
    const inbox = new PushInbox({ session: 's1', position: 9 });
    expect(inbox.openSession(opened({ position: 10 }))).toBe(false);
  });

  it('goes on from where a log that was made anew begins', () => {
    const inbox = new PushInbox({ session: 's1', position: 900 });
    expect(inbox.openSession(opened({ position: 1_003, recovered: false }))).toBe(false);
    expect([901, 1_004].map((position) => inbox.acceptPush(push(position)))).toEqual([false, true]);
  });

  it('moves on by a position without a push', () => {
    const inbox = new PushInbox();
    inbox.openSession(opened({ recovered: false }));
    expect(inbox.acceptPush(push(50))).toBe(true);
    expect(inbox.position?.position).toBe(50);
  });
});
