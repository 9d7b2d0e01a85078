import { duration } from './operator-options.js';
import { durationText } from './show.js';

describe('durationText', () => {
  it.each(['7d', '36h', '90m', '45s', '61s'])('tells %s as it was typed', (text) => {
    expect(durationText(duration(text))).toBe(text);
  });

  it('tells the largest unit that is exact', () => {
    expect(durationText(86_400)).toBe('1d');
    expect(durationText(duration('60m'))).toBe('1h');
  });
});
