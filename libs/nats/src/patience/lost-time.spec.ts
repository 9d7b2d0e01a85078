import { execFileSync } from 'node:child_process';
import { LostTime } from './lost-time.js';

describe('the time that a process lost', () => {
  it('is nothing while its ticks come in time', () => {
    const lost = new LostTime(250);
    lost.begin(0);
    lost.tick(250);
    expect(lost.since(0, 300)).toBeLessThan(100);
  });

  it('is by how much its ticks were late, from the tick before the question on', () => {
    const lost = new LostTime(250);
    lost.begin(0);
    lost.tick(2_250);
    lost.tick(2_500);
    expect(lost.since(100, 2_500)).toBeGreaterThanOrEqual(2_000);
    expect(lost.since(2_400, 2_500)).toBeLessThan(100);
  });

  it('is none that it spent resting between two calls', () => {
    const lost = new LostTime(250);
    lost.begin(0);
    lost.begin(60_000);
    expect(lost.since(0, 60_100)).toBe(0);
  });

  it('is known where others have the core, though no tick of it was late', () => {
    // Two at the same core for a second: each waits for about half of it.
    const program = `
      const { LostTime } = await import('${process.cwd()}/libs/nats/dist/patience/lost-time.js');
      const lost = new LostTime(250);
      lost.begin(0);
      const until = performance.now() + 1_000;
      while (performance.now() < until);
      lost.tick(250);
      console.log(lost.since(0, 250));`;
    const pinned = `taskset -c 0 sh -c 'timeout 60 sh -c "while :; do :; done" & taskset -c 0 node --input-type=module -e "$0"; kill $!' "$0"`;
    const printed = execFileSync('sh', ['-c', pinned, program], { encoding: 'utf8' });
    expect(Number(printed)).toBeGreaterThan(150);
  });
});
