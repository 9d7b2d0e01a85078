import { KeptLimits } from './kept-limits.js';
import { SessionLimits } from './session-limits.js';

describe('the limits of players who have left', () => {
  const routes = {
    limitOf: (route: unknown) => (route === 'chat' ? { perSecond: 0.1, burst: 3 } : undefined),
  };
  const used = (route: string): SessionLimits => {
    const limits = new SessionLimits(routes as never);
    // Not by expect(), which takes seconds for 50,000 players.
    if (limits.spendMessage() !== 0 || limits.spendRoute(route, null) !== 0)
      throw new Error('nothing was left');
    return limits;
  };
  const passTime = (ms: number): void => {
    const now = performance.now() + ms;
    jest.spyOn(performance, 'now').mockReturnValue(now);
  };

  // Time stands still but for that.
  beforeEach(() => passTime(0));
  afterEach(() => void jest.restoreAllMocks());

  it('are the same for a player who comes back, until they are full again', () => {
    const kept = new KeptLimits();
    const limits = used('chat');
    kept.keepLimits('ann', limits);
    expect([kept.takeLimits('ann'), kept.takeLimits('ann')]).toEqual([limits, undefined]);
    kept.keepLimits('ann', limits);
    passTime(11_000);
    kept.keepLimits('ann', limits);
    expect(limits.areFull).toBe(true);
  });

  it('are not kept where they are full, and forgotten when they are', () => {
    const kept = new KeptLimits();
    kept.keepLimits('idle', new SessionLimits(routes as never));
    expect(kept.keptPlayers).toBe(0);
    for (let player = 0; player < 1_000; player += 1) kept.keepLimits(`p${player}`, used('move'));
    expect(kept.keptPlayers).toBe(1_000);
    passTime(5_000);
    kept.keepLimits('late', used('chat'));
    expect(kept.keptPlayers).toBe(1);
  });

  it('are at most so many, whatever players do', () => {
    const kept = new KeptLimits();
    for (let player = 0; player < 50_100; player += 1) kept.keepLimits(`p${player}`, used('chat'));
    expect(kept.keptPlayers).toBe(50_000);
    expect(kept.takeLimits('p0')).toBeUndefined();
    expect(kept.takeLimits('p50099')).toBeDefined();
  });
});
