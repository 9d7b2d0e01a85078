import { tortureRooms, type TortureReport } from './torture.js';

/** Real servers on a real nats-server; the long form is `npm run torture:rooms`. */
describe('rooms, while a server of theirs is killed, others come and go, and a release takes them over and gives them back', () => {
  let report: TortureReport;

  beforeAll(async () => {
    report = await tortureRooms({
      rooms: 2,
      threads: 2,
      forMs: 0,
      store: 'jetstream',
      arenas: 2,
      most: 3,
      least: 1,
      nextArenas: 1,
      connectors: 1,
      calmMs: 500,
      restMs: 2_500,
      only: ['arena SIGKILL', 'scale up', 'release', 'rollback', 'scale down'],
      tell: () => {},
    });
  }, 120_000);

  it('are not lost, nor is any input that was answered, and each state follows by the rules', () => {
    expect(report.verdict.faults).toEqual([]);
    expect(report.verdict.counts.inputs).toBeGreaterThan(100);
  });

  it('went on under the other version’s rules, and back', () => {
    expect(report.moves).toBe(4);
    expect(report.divergences).toBe(0);
  });
});
