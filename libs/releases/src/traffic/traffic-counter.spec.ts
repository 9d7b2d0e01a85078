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
});
