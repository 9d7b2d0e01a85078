import { releaseInProcess } from '../../../libs/cli/test/command-in-process.js';
import { releaseDemo } from '../release-demo.js';

describe('a release', () => {
  const root = process.cwd();

  it('takes twenty robots that play through canary, promotion, rollback and retirement, and they miss nothing', async () => {
    const lines: string[] = [];
    const tell = (line: string): unknown => lines.push(line);
    const { account } = await releaseDemo({
      root,
      robots: 20,
      brief: true,
      arenaRobots: 0,
      playMs: 500,
      restMs: 2_000,
      tell,
      // Typed ones are those of release.e2e; six processes load for seven seconds of CPU.
      ccgame: async ([, ...args], onLine, folder) => {
        process.chdir(folder);
        return releaseInProcess(args, onLine).finally(() => process.chdir(root));
      },
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
