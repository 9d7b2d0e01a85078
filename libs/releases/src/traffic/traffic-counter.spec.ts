import { trafficBuckets } from './traffic.contract.js';
import { TrafficCounter } from './traffic-counter.js';

describe('the count of what players met', () => {
  it('tells what failed from what was refused, as a question for what is not there', () => {
    const traffic = new TrafficCounter();
    const version = '1.0.0000';
    const route = 'GET /v1/leaderboards/:board/me';
    for (const status of [200, 404, 429, 500, 503]) traffic.countRequest(version, route, status, 1);
    const [counts] = traffic.readCounts().routes;
    expect(counts).toMatchObject({ version, route, failed: 2, refused: 2 });
    expect(counts?.buckets[0]).toBe(1);
  });

  it('lists the players who meet the most errors, in a bounded place, and without their names', () => {
    const traffic = new TrafficCounter();
    const asks = (player: string, status = 400): void =>
      traffic.countRequest('1.0.0000', 'game.add', status, 1, player);
    for (let index = 0; index < 5_000; index += 1) {
      asks(`p${index}`);
      asks('p1', 200);
      if (index % 5 === 0) asks('loud', index % 10 === 0 ? 400 : 500);
    }
    const [counts] = traffic.readCounts().routes;
    const [first, ...others] = counts?.errorsOf ?? [];
    // There are 6,000 errors, and a count is too low by less than a 64th of them.
    expect(first?.errors).toBeGreaterThan(1_000 - 6_000 / 64);
    expect(first?.errors).toBeLessThanOrEqual(1_000);
    expect(others.every(({ errors }) => errors === 1)).toBe(true);
    expect(others.length).toBeLessThan(8);
    expect(JSON.stringify(counts)).not.toContain('loud');
  });

  it('lists the durations of the players whose requests take the most time, in a bounded place, and without their names', () => {
    const traffic = new TrafficCounter();
    const asks = (player: string, ms: number): void =>
      traffic.countRequest('1.0.0000', 'game.add', 200, ms, player);
    for (let index = 0; index < 5_000; index += 1) {
      asks(`p${index % 500}`, 4);
      if (index % 10 === 0) asks('slow', 60);
    }
    const [counts] = traffic.readCounts().routes;
    const [first, ...others] = counts?.timesOf ?? [];
    const [bucket, sum] = [trafficBuckets.indexOf(70), first?.buckets.reduce((all, one) => all + one, 0)];
    expect(first?.buckets[bucket]).toBeGreaterThan(490);
    expect([sum, others]).toEqual([first?.buckets[bucket], []]);
    expect(counts?.buckets[bucket]).toBe(500);
    expect(JSON.stringify(counts)).not.toContain('slow');
  });

  it('lists nobody’s durations where all take about as long', () => {
    const traffic = new TrafficCounter();
    for (let index = 0; index < 5_000; index += 1)
      traffic.countRequest('1.0.0000', 'game.add', 200, 1 + (index % 7), `p${index % 50}`);
    expect(traffic.readCounts().routes[0]?.timesOf).toEqual([]);
  });

  it('stays small, whatever versions clients make up', () => {
    const traffic = new TrafficCounter();
    for (let index = 0; index < 10_000; index += 1) traffic.countRequest(`1.0.${index}`, 'other', 200, 1);
    const { routes } = traffic.readCounts();
    expect(routes.length).toBeLessThanOrEqual(65);
    const all = routes.map(({ buckets }) => buckets[0]);
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  });

  it('tells of new versions, and not of those that nobody plays any more, however many releases a server lives through', () => {
    const counter = new TrafficCounter();
    const clock = jest.spyOn(performance, 'now');
    const hourMs = 3_600_000;
    for (let release = 0; release < 200; release += 1) {
      clock.mockReturnValue(release * 12 * hourMs);
      counter.countRequest(`1.0.${String(release).padStart(4, '0')}`, 'matching.join', 200, 1);
      counter.countRequest('0.9.0000', 'matching.join', 200, 1);
    }
    const told = counter.readCounts().routes.map(({ version }) => version);
    expect(told.sort()).toEqual(['0.9.0000', '1.0.0197', '1.0.0198', '1.0.0199']);
    expect(counter.readCounts().routes.find(({ version }) => version === '0.9.0000')?.buckets[0]).toBe(200);
    clock.mockRestore();
  });
});
