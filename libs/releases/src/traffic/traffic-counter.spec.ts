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

  it('stays small, whatever versions clients make up', () => {
    const traffic = new TrafficCounter();
    for (let index = 0; index < 10_000; index += 1) traffic.countRequest(`1.0.${index}`, 'other', 200, 1);
    const { routes } = traffic.readCounts();
    expect(routes.length).toBeLessThanOrEqual(65);
    const all = routes.map(({ buckets }) => buckets[0]);
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  });
});
