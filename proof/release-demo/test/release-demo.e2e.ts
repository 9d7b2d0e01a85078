import { releaseDemo } from '../release-demo.js';

describe('a release', () => {
  it('takes twenty robots that play through canary, promotion, rollback and retirement, and they miss nothing', async () => {
    const lines: string[] = [];
    const tell = (line: string): unknown => lines.push(line);
    const { account } = await releaseDemo({
      root: process.cwd(),
      robots: 20,
      brief: true,
      arenaRobots: 0,
      playMs: 500,
      restMs: 2_000,
      tell,
    });
    expect({ faults: account.faults(), problems: [...account.problems] }).toEqual({
      faults: { failed: 0, lost: 0, duplicated: 0, gaps: 0, dropped: 0 },
      problems: [],
    });
    expect(account.requests).toBeGreaterThan(120);
    expect(account.tickets).toBeGreaterThan(20);
    // There, back, there: on a busy machine a robot may be called back before it went.
    expect(account.moves).toBeGreaterThanOrEqual(10);
    expect(lines.join('\n')).toMatch(/1\.0\.0000 +retired +none/);
  }, 300_000);
});
