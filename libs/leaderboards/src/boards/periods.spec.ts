import fc from 'fast-check';
import { Periods } from './periods.js';

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
        expect([periods.named(period.name), periods.named(next.name)]).toEqual([period, next]);
      }),
      { numRuns: 60 },
    );
  });

  it('have no names but those of moments at which they begin', () => {
    const periods = new Periods({ cron: '0 0 * * *', timeZone: 'Etc/UTC' });
    for (const name of ['20261128T000001Z', '20261328T000000Z', 'all', 'x', ''])
      expect(periods.named(name)).toBeUndefined();
    expect(periods.named('20261128T000000Z')?.startsAt).toBe(Date.parse('2026-11-28T00:00:00Z'));
    const years = ['0000', '0001', '1582', '1969', '3000', '5997', '8999', '9000', '9999'];
    for (const cron of ['0 0 * * *', '0 0 29 2 *', '59 23 31 12 *'])
      for (const year of years)
        for (const day of ['0101', '0229', '1231'])
          expect(new Periods({ cron, timeZone: 'Etc/UTC' }).named(`${year}${day}T000000Z`)).toBeUndefined();
    expect(new Periods().named('all')).toEqual({ name: 'all', startsAt: 0 });
  });

  it('may be asked for in any year, also where the next one would be beyond all years', () => {
    for (const cron of ['0 0 * * *', '0 0 29 2 *', '59 23 31 12 *', '0 0 29 2 1']) {
      const periods = new Periods({ cron, timeZone: 'Etc/UTC' });
      for (let year = 0; year < 10_000; year += 19) {
        const name = `${String(year).padStart(4, '0')}0318T005248Z`;
        expect(periods.named(name)).toBeUndefined();
      }
    }
    expect(new Periods({ cron: '0 0 * * *', timeZone: 'Etc/UTC' }).named('29991130T000000Z')).toBeDefined();
  });
});
