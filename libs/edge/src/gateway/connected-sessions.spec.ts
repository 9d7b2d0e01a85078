import type { Displacement } from '@ccgame/sessions';
import { ConnectedSessions } from './connected-sessions.js';
import type { PlayerSession } from './player-session.js';

type Notice = (playerId: string, socket: string, how: Displacement) => void;

describe('the sessions of a connector', () => {
  let sessions: ConnectedSessions;
  let displaced: Notice = () => undefined;
  let asked: (socket: string) => Promise<boolean>;

  beforeEach(async () => {
    const claims = {
      whenDisplaced: (listener: Notice) => (displaced = listener),
      whenAsked: (listener: typeof asked) => (asked = listener),
      whenLeaseLost: () => undefined,
      isLeased: () => true,
    };
    const delivery = { start: () => Promise.resolve() };
    const listen = (): (() => void) => () => undefined;
    const health = { onChange: listen, deletions: { onDeleted: listen } };
    sessions = new ConnectedSessions(claims as never, delivery as never, health as never);
    await sessions.onModuleInit();
  });
  afterEach(() => {
    sessions.onApplicationShutdown();
    jest.restoreAllMocks();
  });

  const sessionOf = (socket: string, more: object = {}): PlayerSession & { closed: string[] } => {
    const closed: string[] = [];
    return {
      socket: { id: socket },
      playerId: 'ann',
      version: '1.0.0000',
      isDisplaced: false,
      tokenEndsAt: Infinity,
      limits: { areFull: true },
      closed,
      close: (code: string) => closed.push(code),
      stopPushes: () => undefined,
      ...more,
    } as unknown as PlayerSession & { closed: string[] };
  };
  const tick = (): void => sessions['tick']();

  it('count a player once who moves to another version, for as long as the old socket waits for answers', () => {
    const before = sessionOf('s1');
    sessions.addSession(before);
    expect(sessions.countByVersion()).toEqual(new Map([['1.0.0000', 1]]));
    Object.assign(before, { isDisplaced: true });
    sessions.addSession(sessionOf('s2', { version: '1.0.0001' }));
    expect(sessions.size).toBe(2);
    expect(sessions.countByVersion()).toEqual(new Map([['1.0.0001', 1]]));
  });

  it('end one whose take-over was told before its handshake knew that it had been let in', () => {
    displaced('ann', 's1', 'kicked');
    const session = sessionOf('s1');
    tick();
    sessions.addSession(session);
    expect(session.closed).toEqual(['KICKED']);
    // The notice is not kept for ever.
    displaced('ann', 's2', 'kicked');
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 11_000);
    tick();
    expect(sessions['early'].size).toBe(0);
  });

  it('last as long as their tokens, whatever is done to the machine’s clock', () => {
    const session = sessionOf('s1', { tokenEndsAt: performance.now() + 60_000, isDisplaced: true });
    sessions.addSession(session);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    tick();
    expect(session.closed).toEqual([]);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 60_001);
    tick();
    expect(session.closed).toEqual(['TOKEN_EXPIRED']);
  });

  it('have what was left of the player’s limits on the socket before, also where that has gone', () => {
    const more = (): object => ({
      limits: { areFull: false },
      isDisplaced: true,
      socketGone: () => undefined,
    });
    const [first, second, third] = ['s1', 's2', 's3'].map((socket) => sessionOf(socket, more()));
    sessions.addSession(first);
    sessions.addSession(second);
    expect(second.limits).toBe(first.limits);
    for (const session of [first, second]) sessions.removeSession(session, 'transport close');
    sessions.addSession(third);
    expect(third.limits).toBe(first.limits);
  });

  it('have no client that would be there where the socket is unknown or was closed', async () => {
    sessions.addSession(sessionOf('s1', { isOver: true }));
    expect(await Promise.all([asked('s1'), asked('s2')])).toEqual([false, false]);
  });
});
