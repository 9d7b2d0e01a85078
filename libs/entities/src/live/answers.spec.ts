import { Answers } from './answers.js';

const bound = 128 * 1024;
const bytesOf = (answers: Answers): number => Buffer.byteLength(JSON.stringify(answers.toRecord()));
const large = { data: { text: '語'.repeat(300) } };

/** As many calls of each session as are kept of one. */
function keepSessions(count: number, answers = new Answers()): Answers {
  for (let session = 0; session < count; session += 1)
    for (let number = 0; number < 64; number += 1) answers.keep({ caller: `ann/${session}`, number }, large);
  return answers;
}

describe('the answers that an entity keeps', () => {
  it('stay small however many sessions a player had, and those of the last calls are there', () => {
    const answers = keepSessions(200);
    expect(bytesOf(answers)).toBeLessThan(bound * 1.2);
    expect(answers.find({ caller: 'ann/199', number: 63 })).toEqual(large);
    expect(answers.find({ caller: 'ann/199', number: 10 })).toEqual(large);
  });

  it('that are dropped for their size are known as applied, also by a successor', () => {
    const known = keepSessions(200);
    for (const answers of [known, Answers.fromRecord(known.toRecord())]) {
      expect(answers.find({ caller: 'ann/0', number: 5 })).toMatchObject({ error: { code: 'TIMEOUT' } });
      expect(answers.hasHad('ann/0', 5)).toBe(true);
      expect(answers.find({ caller: 'ann/0', number: 64 })).toBeUndefined();
    }
  });

  it('of a server leave each number, as an older call of it may still come', () => {
    const answers = new Answers();
    for (const number of [1, 2, 4, 5]) answers.keep({ caller: 'server', number, acked: 0 }, large);
    const known = Answers.fromRecord(keepSessions(200, answers).toRecord());
    expect(known.find({ caller: 'server', number: 4 })).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(known.find({ caller: 'server', number: 3 })).toBeUndefined();
    known.keep({ caller: 'server', number: 3, acked: 2 }, large);
    expect(known.find({ caller: 'server', number: 3 })).toEqual(large);
  });

  it('are the newest one at least, whatever it has', () => {
    const answers = keepSessions(3);
    const huge = { data: 'x'.repeat(bound * 2) };
    answers.keep({ caller: 'bob/1', number: 1 }, huge);
    expect(answers.find({ caller: 'bob/1', number: 1 })).toEqual(huge);
    answers.keep({ caller: 'bob/1', number: 2 }, large);
    expect(answers.find({ caller: 'bob/1', number: 1 })).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(bytesOf(answers)).toBeLessThan(bound);
  });
});
