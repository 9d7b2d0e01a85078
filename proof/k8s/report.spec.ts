import { Report } from './report.js';

describe('the report of the proofs on a cluster', () => {
  beforeEach(() => jest.spyOn(console, 'log').mockImplementation(() => undefined));
  afterEach(() => jest.restoreAllMocks());

  it('holds where all that was checked holds', () => {
    const report = new Report();
    report.check('no push was lost', true);
    expect(report.end()).toBe(true);
  });

  it('does not hold where something does not, or nothing was checked', () => {
    const report = new Report();
    report.check('no push was lost', true);
    report.check('no ticket was lost', false);
    expect(report.end()).toBe(false);
    expect(new Report().end()).toBe(false);
  });
});
