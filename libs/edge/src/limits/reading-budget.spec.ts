import { ConnectionBudget } from '../connections/connection-budget.js';
import { SessionLimits } from './session-limits.js';

describe('the budget for what is read of a player', () => {
  let limits: SessionLimits;
  let now: number;

  // Time stands still but for that.
  const passTime = (ms: number): void => {
    now += ms;
    jest.spyOn(performance, 'now').mockReturnValue(now);
  };
  beforeEach(() => {
    now = performance.now();
    passTime(0);
    limits = new SessionLimits({} as never);
  });
  afterEach(() => void jest.restoreAllMocks());

  /** Sends on a new connection until no more is read at once. @returns how many frames that were */
  function flood(): number {
    const connection = new ConnectionBudget();
    connection.openSession(limits.reading);
    for (let frames = 0; ; frames += 1) {
      connection.beginTurn();
      if (connection.pace() !== 'go') return frames;
      connection.spendFrames(1, 0);
    }
  }

  it('is what the connection before has left, on whichever connection comes next', () => {
    const first = flood();
    expect(first).toBeGreaterThan(1_000);
    expect([flood(), limits.areFull]).toEqual([0, false]);
    passTime(1_000);
    const second = flood();
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThan(first / 2);
    passTime(10_000);
    expect([limits.areFull, flood()]).toEqual([true, first]);
  });

  it('is over for one who floods for five seconds, by another connection each second too', () => {
    const paces = Array.from({ length: 8 }, () => {
      flood();
      const connection = new ConnectionBudget();
      connection.openSession(limits.reading);
      const pace = connection.pace();
      passTime(1_000);
      return pace;
    });
    expect(paces.slice(0, 6)).toEqual(Array(6).fill(20));
    expect(paces.slice(6)).toEqual(['over', 'over']);
  });
});
