import { StandingTime } from './standing-time.js';

const look = (progress: number, cpuMs: number, at: number) => ({ progress, cpuMs, at });

describe('the time that the main thread stands', () => {
  it('is the CPU time that it used since it went on', () => {
    const standing = new StandingTime();
    expect(standing.look(look(1, 100, 0))).toBe(0);
    expect(standing.look(look(1, 350, 250))).toBe(250);
    expect(standing.look(look(1, 600, 500))).toBe(500);
    expect(standing.look(look(2, 850, 750))).toBe(0);
    expect(standing.look(look(2, 900, 1_000))).toBe(50);
  });

  it('does not count when it gets no CPU, whether the process was stopped or starved', () => {
    const standing = new StandingTime();
    standing.look(look(1, 100, 0));
    expect(standing.look(look(1, 100, 12_000))).toBe(0);
    expect(standing.look(look(1, 120, 13_000))).toBe(20);
  });

  it('is never more than has passed, where the CPU time is that of all threads', () => {
    const standing = new StandingTime();
    standing.look(look(1, 100, 0));
    expect(standing.look(look(1, 1_100, 250))).toBe(250);
  });
});
