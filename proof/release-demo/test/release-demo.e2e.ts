import { releaseDemo } from '../release-demo.js';

describe('a release', () => {
  it('takes 20 robots that play through canary, rollback, promotion and retirement, and they miss nothing', async () => {
    const lines: string[] = [];
    const tell = (line: string): unknown => lines.push(line);
    const { account } = await releaseDemo({
      root: process.cwd(),
      robots: 20,
      arenaRobots: 0,
      playMs: 500,
      tell,
    });
    expect({ faults: account.faults(), problems: [...account.problems] }).toEqual({
      faults: { failed: 0, lost: 0, duplicated: 0, gaps: 0, dropped: 0 },
      problems: [],
    });
    expect(account.requests).toBeGreaterThan(250);
    expect(account.tickets).toBeGreaterThan(50);
    // There, back, there, back, there: on a busy machine a robot may be called back before it went.
    expect(account.moves).toBeGreaterThanOrEqual(2 * 20);
    expect(lines.join('\n')).toMatch(/1\.0\.0000 +retired +none/);
  }, 300_000);
});
