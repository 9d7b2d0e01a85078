import { shortfalls } from './shortfalls.js';

const good = { moved: 40, joins: 100, verdict: { faults: [], tickets: {}, matches: 60 } };

describe('what did not happen in the torture of matching', () => {
  it('is nothing where all who waited, and others, were matched', () => {
    expect(shortfalls(good, 40)).toEqual([]);
  });

  it.each([
    ['one who waited was not matched', { ...good, moved: 39 }, 'only 39 of 40 who waited'],
    ['nobody was matched', { ...good, verdict: { ...good.verdict, matches: 0 } }, 'no match of 100 joins'],
  ])('is said where %s', (_, report, sentence) => {
    expect(shortfalls(report, 40)).toEqual([expect.stringContaining(sentence)]);
  });
});
