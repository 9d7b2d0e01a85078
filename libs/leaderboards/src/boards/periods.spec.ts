import { Cron } from 'croner';
import fc from 'fast-check';
import { type Period, Periods, startOf } from './periods.js';

const startsOf = (cron: string, timeZone: string, from: string, until: string): string[] => {
  const periods = new Periods({ cron, timeZone });
  const starts: string[] = [];
  for (let at = Date.parse(from); at < Date.parse(until);) {
    const { startsAt, endsAt = Number.NaN } = periods.at(at);
    starts.push(new Date(startsAt).toISOString());
    at = endsAt;
  }
  return starts;
};

describe('the periods of a board', () => {
  it('begin at midnight of their time zone, and last 23 and 25 hours where clocks are changed', () => {
    expect(startsOf('0 0 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ]);
    expect(startsOf('0 0 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-23T22:00:00.000Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
  });

  it('are reset once a day where the time of the reset comes twice, or not at all', () => {
    expect(startsOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-24T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(
      startsOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'),
    ).toHaveLength(3);
  });

  it('begin where midnight itself is left out', () => {
    const starts = startsOf('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-05T12:00:00Z');
    expect(starts).toEqual([
      '2018-11-03T03:00:00.000Z',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
    ]);
  });

  it('hold their first moment and not the first one after them', () => {
    const periods = new Periods({ cron: '0 5 * * 1', timeZone: 'America/New_York' });
    const start = Date.parse('2026-11-02T10:00:00Z');
    expect(periods.at(start)).toEqual({
      name: '20261102T100000Z',
      startsAt: start,
      endsAt: start + 7 * 86_400_000,
    });
    expect(periods.at(start - 1).endsAt).toBe(start);
  });

  it('follow each other without a gap, in the order of their names, in every time zone', () => {
    const zone = fc.constantFrom(
      'Etc/UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    );
    const cron = fc.constantFrom(
      '0 0 * * *',
      '30 2 * * *',
      '0 5 * * 1',
      '0 0 1 * *',
      '*/15 * * * *',
      '59 23 * * 0,3',
    );
    const moment = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(zone, cron, moment, (timeZone, expression, at) => {
        const periods = new Periods({ cron: expression, timeZone });
        const period = periods.at(at);
        const next = periods.at(period.endsAt as number);
        expect(period.startsAt <= at && at < (period.endsAt as number)).toBe(true);
        expect(next.startsAt).toBe(period.endsAt);
        expect(next.name > period.name).toBe(true);
        expect(periods.before(next)).toEqual(period);
        expect([period.name, next.name].map(startOf)).toEqual([period.startsAt, next.startsAt]);
      }),
      { numRuns: 60 },
    );
  });

  it('are looked for once each, the current one and the one before it in turns', () => {
    const periods = new Periods({ cron: '0 0 29 2 *', timeZone: 'Europe/Berlin' });
    const look = jest.spyOn(Cron.prototype, 'previousRuns');
    for (let question = 0; question < 100; question += 1) periods.before(periods.at(Date.now()));
    expect(look).toHaveBeenCalledTimes(1);
    look.mockRestore();
  });

  it('have names of moments, and no others', () => {
    for (const name of ['20261328T000000Z', '20260230T000000Z', '2026-11-28T00:00:00Z', 'x', ''])
      expect(startOf(name)).toBeUndefined();
    expect(startOf('20261128T000000Z')).toBe(Date.parse('2026-11-28T00:00:00Z'));
    expect(startOf('all')).toBe(0);
  });

  describe('of a board whose reset was changed', () => {
    const daily = new Periods({ cron: '0 0 * * *', timeZone: 'Etc/UTC' });
    const noon = Date.parse('2026-11-25T12:00:00Z');
    const day = daily.at(noon);
    const runsOf = (changed: Periods, running: Period, moments: string[]): (string | undefined)[] =>
      moments.map((moment) => {
        running = changed.at(Date.parse(moment), running);
        return `${running.name} ${new Date(running.endsAt as number).toISOString()}`;
      });

    it.each(['*/30 * * * *', '0 5 * * 1'])('go on to the end that the running one began with: %s', (cron) => {
      const changed = new Periods({ cron, timeZone: 'Etc/UTC' });
      expect(changed.at(noon + 6 * 3_600_000, day)).toEqual(day);
      expect(changed.at((day.endsAt as number) - 1, day)).toEqual(day);
    });

    it('begin where the one before ended, and end at the next reset', () => {
      const weekly = new Periods({ cron: '0 5 * * 1', timeZone: 'Etc/UTC' });
      expect(
        runsOf(weekly, day, ['2026-11-26T00:00:00Z', '2026-11-30T04:59:59Z', '2026-11-30T05:00:00Z']),
      ).toEqual([
        '20261126T000000Z 2026-11-30T05:00:00.000Z',
        '20261126T000000Z 2026-11-30T05:00:00.000Z',
        '20261130T050000Z 2026-12-07T05:00:00.000Z',
      ]);
    });

    it('follow each other without a common moment, though servers of both resets begin them', () => {
      const hourly = new Periods({ cron: '0 * * * *', timeZone: 'Etc/UTC' });
      const first = hourly.at(day.endsAt as number, day);
      expect(first.name).toBe('20261126T000000Z');
      const second = daily.at(first.endsAt as number, first);
      expect(second).toEqual({
        name: '20261126T010000Z',
        startsAt: first.endsAt,
        endsAt: Date.parse('2026-11-27T00:00:00Z'),
      });
      expect(hourly.at(Date.parse('2026-11-26T02:30:00Z'), second)).toEqual(second);
    });

    it('have the end of this reset where the cursor, written by a version before this one, has none', () => {
      const { name, startsAt } = day;
      expect(daily.at(noon, { name, startsAt })).toEqual(day);
    });
  });
});
