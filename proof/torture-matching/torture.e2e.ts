import { Torture, type TortureReport } from './torture.js';

/** Real servers on a real nats-server; the long form is `npm run torture:matching`. */
describe('matching, while its servers are killed, paused and stopped', () => {
  let report: TortureReport;

  beforeAll(async () => {
    report = await Torture.run({
      root: process.cwd(),
      waiting: 200,
      playing: 40,
      calmMs: 500,
      pauseMs: 2_800,
      restMs: 600,
      tell: () => {},
    });
  }, 120_000);

  const takenOverMs = (fault: string): number =>
    report.steps.find((step) => step.fault.startsWith(fault))?.takenOverMs ?? Infinity;

  it('loses no ticket, matches nobody twice, tells everybody once, and keeps waiting times', () => {
    expect(report.verdict.faults).toEqual([]);
    expect(report.verdict.matches).toBeGreaterThan(20);
  });

  it('lets every join succeed', () => {
    expect(report.failedRequests).toEqual([]);
  });

  it('gives those who wait to the next version when theirs is retired, and matches them there', () => {
    expect(report.moved).toBeGreaterThanOrEqual(200);
  });

  it('goes on with matches that have to be accepted', () => {
    expect(report.answers).toBeGreaterThan(20);
    expect(report.verdict.tickets.declined).toBeGreaterThan(0);
  });

  it('gives running matches the players that they ask for, and each match a game server of its own', () => {
    expect(report.backfills.joined).toBeGreaterThan(0);
    expect(report.gameServers).toBeGreaterThan(20);
  });

  // Beside other tests on two cores; `npm run torture:matching` fails where a SIGTERM takes over 1 s.
  it('has another owner within 5 s of a SIGKILL, and within 3 s of a SIGTERM', () => {
    expect(takenOverMs('SIGKILL')).toBeLessThan(5_000);
    expect(takenOverMs('SIGTERM')).toBeLessThan(3_000);
  });

  it('lets an owner that was paused step down', () => {
    expect(report.stepDowns).toBeGreaterThan(0);
  });
});
