import { excuseLate, limitsPassed, measureCalm } from './calm-load.js';
import { measureGaps } from './gaps.js';
import type { RoomTranscript, SentInput } from './transcript.js';
import type { Fault } from './verdict.js';

const none = { p50: 0, p99: 0, max: 0 };
const counts = { rooms: 1, views: 1, inputs: 100, rewinds: 0, longestRewind: 0, loose: 0, redone: 0 };
const late: Fault = { kind: 'input not answered', what: 'ann’s 1.', isLate: true };
const lost: Fault = { kind: 'answered input lost', what: 'ann has 1 input' };

/** A room with a player whose input was sent at each of these times, and answered after so long. */
function roomOf(inputs: [sentAt: number, answeredAfterMs?: number][], seenAt: number[] = []): RoomTranscript {
  const sent = inputs.map(([sentAt, answeredAfterMs]): SentInput => ({
    ...{ x: 0, y: 0, sentAt },
    ...(answeredAfterMs !== undefined && { answeredAfterMs, answer: { tick: 1, inputs: 1 } }),
  }));
  const views = seenAt.map((_, tick) => ({ tick }) as RoomTranscript['views'][number]);
  const seen = seenAt.map((at, view) => ({ at, view }));
  return { roomId: 'r', players: [{ playerId: 'ann', inputs: sent, seen, overAt: [] }], views };
}

describe('the load of a calm time', () => {
  const calm = { from: 100, to: 300, ticks: 200, lateTicks: 3 };

  it('counts the inputs that were wanted, those too that no player came to send', () => {
    const room = roomOf([[0, 5], [100, 5], [150, 5_000], [200]]);
    const delays = [
      { at: 50, ms: 900 },
      { at: 120, ms: 80 },
    ];
    const load = measureCalm([{ transcripts: [room], delays }], [calm]);
    expect(load).toMatchObject({ answered: 0.25, lateTicks: 0.015, driverLateMs: { max: 80 } });
    expect(limitsPassed(load)).toHaveLength(2);
  });

  it('passes no limit where all are answered in time by players who are in time', () => {
    const load = { answered: 0.99, answerMs: none, driverLateMs: none, lateTicks: 0 };
    expect(limitsPassed(load)).toEqual([]);
  });
});

describe('a machine beyond its limit', () => {
  it('excuses an input that waited for too long, and nothing that was lost', () => {
    const verdict = { faults: [late, lost], counts };
    expect(excuseLate(verdict, ['late'])).toEqual({ faults: [lost], excused: [late] });
    expect(excuseLate(verdict, [])).toEqual({ faults: [late, lost], excused: [] });
  });

  it('excuses no more than one input in twenty', () => {
    const faults = Array.from({ length: 6 }, () => late);
    expect(excuseLate({ faults, counts }, ['late'])).toEqual({ faults, excused: [] });
  });
});

describe('a gap that lasts beyond what is counted to a deed', () => {
  const kill = { name: 'kill', isSudden: true, at: 1_000, until: 1_100 };
  const pause = { name: 'pause', isSudden: true, at: 2_000, until: 2_100 };

  it('counts as a whole', () => {
    const { gaps } = measureGaps([roomOf([], [900, 9_900])], [kill]);
    expect(gaps[0].room.max).toBe(9_000);
  });

  it('is the next deed’s where it begins just before that', () => {
    const { gaps } = measureGaps([roomOf([], [900, 1_950, 3_000])], [kill, pause]);
    expect(gaps.map(({ room }) => room.max)).toEqual([1_050, 1_050]);
    const short = measureGaps([roomOf([], [980, 1_030, 1_950, 3_500])], [kill, pause]);
    expect(short.gaps.map(({ room }) => room.max)).toEqual([920, 1_550]);
  });
});
