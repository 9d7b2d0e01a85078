import { type Traffic, trafficBuckets } from '@ccgame/releases';
import { doubtAbout, judgeCanary } from './guard.js';
import { type Sample, trafficOf, type TrafficSurvey } from './traffic.js';

const looks = 150;
const route = 'matching.user_join_matching';

/** The same numbers in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const next = random(7);

/** Requests of which a share fails; the others take so long, with the long tail that real ones have. */
function requests(
  count: number,
  failing: number,
  ms: (u: number) => number = (u) => 4 / (1 - u) ** 0.4,
): Sample {
  const sample: Sample = {
    failed: 0,
    refused: 0,
    buckets: new Array<number>(trafficBuckets.length + 1).fill(0),
  };
  for (let request = 0; request < count; request += 1) {
    if (next() < failing) sample.failed += 1;
    else {
      const took = ms(next());
      const bucket = trafficBuckets.findIndex((bound) => took <= bound);
      sample.buckets[bucket < 0 ? trafficBuckets.length : bucket] += 1;
    }
  }
  return sample;
}

const judge = (stable: Sample, canary: Sample): string | undefined =>
  judgeCanary(new Map([[route, stable]]), new Map([[route, canary]]), looks);

function add(one: Sample, other: Sample): Sample {
  return {
    failed: one.failed + other.failed,
    refused: one.refused + other.refused,
    buckets: one.buckets.map((count, bucket) => count + (other.buckets[bucket] ?? 0)),
  };
}

describe('the guard', () => {
  it('lets a canary pass that is as good as stable, or better', () => {
    expect(judge(requests(10_000, 0.01), requests(1_000, 0.01))).toBeUndefined();
    expect(
      judge(
        requests(10_000, 0.2),
        requests(1_000, 0, () => 1),
      ),
    ).toBeUndefined();
    expect(judge(requests(10_000, 0), requests(0, 0))).toBeUndefined();
  });

  it('says why it rolls back one that fails more, on which route', () => {
    expect(judge(requests(10_000, 0.01), requests(1_000, 0.06))).toMatch(
      /^matching\.user_join_matching: \d\.\d\d % of its requests fail, [01]\.\d\d % of stable's \(p = \de-\d+\)$/,
    );
  });

  it('finds one that fails altogether within a few requests', () => {
    expect(judge(requests(500, 0), requests(10, 1))).toMatch(/100\.00 % of its requests fail/);
  });

  it('finds one that refuses what stable answers', () => {
    expect(judge(requests(500, 0), { ...requests(5, 0), refused: 5 })).toMatch(
      /50\.00 % of its requests fail/,
    );
  });

  it('neither rolls back nor trusts one that a single player alone has fail or refuse', () => {
    const [stable, canary] = [requests(500, 0), requests(50, 0)];
    const doubt = (own: Sample) => doubtAbout(new Map([[route, stable]]), new Map([[route, own]]), looks);
    for (const kind of ['refused', 'failed']) {
      const ofOne = { ...canary, [kind]: 300, ofOne: 300 };
      expect([judge(stable, ofOne), judge(ofOne, stable)]).toEqual([undefined, undefined]);
      expect(doubt(ofOne)).toMatch(/85\.71 % of its requests fail, 0\.00 % of stable's/);
      expect(judge(stable, { ...ofOne, ofOne: 290 })).toMatch(/16\.67 % of its requests fail/);
    }
    expect(doubt(canary)).toBeUndefined();
  });

  it('does not take one rare failure for a proof', () => {
    const stable = { ...requests(100_000, 0), failed: 1 };
    expect(judge(stable, { ...requests(100, 0), failed: 1 })).toBeUndefined();
  });

  it('and one that takes longer', () => {
    const slower = requests(300, 0, (u) => 8 / (1 - u) ** 0.4);
    expect(judge(requests(3_000, 0), slower)).toMatch(
      /half of its requests take up to \d+ ms, half of stable's up to \d+ ms/,
    );
  });

  it('and one of which some requests take very long', () => {
    const hanging = add(
      requests(950, 0),
      requests(50, 0, () => 900),
    );
    expect(judge(requests(10_000, 0), hanging)).toMatch(
      /5\.\d\d % of its requests take over \d+ ms, 0\.\d\d % of stable's/,
    );
  });

  it('neither rolls back nor trusts one that a single player alone finds slow', () => {
    const stable = requests(10_000, 0);
    const doubt = (own: Sample) => doubtAbout(new Map([[route, stable]]), new Map([[route, own]]), looks);
    const slow = [50, 2_000].map((count) => requests(count, 0, () => 900));
    for (const ofPlayer of slow) {
      const canary = add(requests(950, 0), ofPlayer);
      const others = requests(20, 0).buckets;
      expect(judge(stable, { ...canary, ofSlowest: [others, ofPlayer.buckets] })).toBeUndefined();
      expect(doubt({ ...canary, ofSlowest: [ofPlayer.buckets] })).toMatch(/of its requests take/);
      // Another player finds it slow as well.
      const ofTwo = add(canary, ofPlayer);
      expect(judge(stable, { ...ofTwo, ofSlowest: [ofPlayer.buckets, ofPlayer.buckets] })).toMatch(
        /of its requests take/,
      );
    }
    expect(doubt(requests(950, 0))).toBeUndefined();
  });

  it('lets one pass that is slower by a hair', () => {
    const slower = requests(20_000, 0, (u) => 4.2 / (1 - u) ** 0.4);
    expect(judge(requests(200_000, 0), slower)).toBeUndefined();
  });

  it('accuses a good canary in at most 1 of 100 watches, each of 30 looks', () => {
    let accused = 0;
    for (let watch = 0; watch < 300; watch += 1) {
      let [stable, canary] = [requests(0, 0), requests(0, 0)];
      for (let look = 0; look < 30; look += 1) {
        stable = add(stable, requests(200, 0.02));
        canary = add(canary, requests(30, 0.02));
        if (!judgeCanary(new Map([[route, stable]]), new Map([[route, canary]]), 30)) continue;
        accused += 1;
        break;
      }
    }
    expect(accused / 300).toBeLessThanOrEqual(0.01);
  });

  it('compares what happened since it began, and counts a server that was started again from zero', () => {
    const server = (count: number, failed: number, incarnation = 'first'): TrafficSurvey =>
      new Map([
        [
          'connector-0',
          { incarnation, routes: [{ version: '1.0.0001', route, failed, refused: 0, buckets: [count, 0] }] },
        ],
      ]);
    const of = (before: TrafficSurvey, now: TrafficSurvey) => trafficOf('1.0.0001', now, before).get(route);
    expect(of(server(100, 1), server(150, 3))).toEqual({ failed: 2, refused: 0, buckets: [50, 0] });
    for (const count of [30, 150]) {
      const counts = { failed: 2, refused: 0, buckets: [count, 0] };
      expect(of(server(100, 1), server(count, 2, 'second'))).toEqual(counts);
    }
    expect(of(new Map(), server(30, 2))).toEqual({ failed: 2, refused: 0, buckets: [30, 0] });
    // The server has forgotten the version meanwhile, as nobody played it for a day.
    expect(of(server(100, 1), server(30, 2))).toEqual({ failed: 2, refused: 0, buckets: [30, 0] });
  });

  it('adds the durations of one player up, whichever servers they were met at, since it began', () => {
    const server = (...players: [string, number[]][]): Traffic => {
      const timesOf = players.map(([player, buckets]) => ({ player, buckets }));
      const counts = { version: '1.0.0001', route, failed: 0, refused: 0, buckets: [90, 90], timesOf };
      return { incarnation: 'first', routes: [counts] };
    };
    const before = new Map([['connector-0', server(['ann', [1, 2]])]]);
    const now = new Map([
      ['connector-0', server(['ann', [4, 4]], ['bob', [0, 7]])],
      ['connector-1', server(['ann', [0, 5]])],
    ]);
    expect(trafficOf('1.0.0001', now, before).get(route)?.ofSlowest).toEqual([
      [3, 7],
      [0, 7],
    ]);
  });

  it('adds the errors of one player up, whichever servers they were met at, since it began', () => {
    const server = (failed: number, ...players: [string, number][]): TrafficSurvey => {
      const errorsOf = players.map(([player, errors]) => ({ player, errors }));
      const counts = { version: '1.0.0001', route, failed, refused: 0, buckets: [10], errorsOf };
      return new Map([[`connector-${players[0]?.[1]}`, { incarnation: 'first', routes: [counts] }]]);
    };
    const of = (before: TrafficSurvey, ...now: TrafficSurvey[]) =>
      trafficOf('1.0.0001', new Map(now.flatMap((one) => [...one])), before).get(route)?.ofOne;
    expect(of(new Map(), server(9, ['ann', 5], ['bob', 4]), server(6, ['bob', 6]))).toBe(10);
    expect(of(new Map(), server(9))).toBeUndefined();
    const many = 'abcdefgh'.split('').map((player): [string, number] => [player, 7]);
    const later: TrafficSurvey = new Map([
      [
        'connector-7',
        { incarnation: 'first', routes: [...server(70, ['new', 9], ['a', 8]).values()][0].routes },
      ],
    ]);
    // One who was not listed before may have had as many as the last who was.
    expect(of(server(60, ...many), later)).toBe(2);
  });
});
