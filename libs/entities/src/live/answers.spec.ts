import type { RpcError } from '@ccgame/rpc';
import { Answers } from './answers.js';
import type { Checkpoint } from './records.js';

const bound = 128 * 1024;
const bytesOf = (answers: Answers): number => Buffer.byteLength(answers.toJson());
const recordOf = (answers: Answers): Checkpoint['answers'] =>
  JSON.parse(answers.toJson()) as Checkpoint['answers'];
const large = { data: { text: '語'.repeat(300) } };

/** As many calls of each session as are kept of one. */
function keepSessions(count: number, answers = new Answers()): Answers {
  for (let session = 0; session < count; session += 1)
    for (let number = 0; number < 64; number += 1)
      answers.keep({ caller: `ann/${session}`, number }, large, 0);
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
    for (const answers of [known, Answers.fromRecord(recordOf(known), 0)]) {
      expect(answers.find({ caller: 'ann/0', number: 5 })).toMatchObject({ error: { code: 'TIMEOUT' } });
      expect(answers.hasHad('ann/0', 5)).toBe(true);
      expect(answers.find({ caller: 'ann/0', number: 64 })).toBeUndefined();
    }
  });

  it('of a server leave each number, as an older call of it may still come', () => {
    const answers = new Answers();
    for (const number of [1, 2, 4, 5]) answers.keep({ caller: 'server', number, acked: 0 }, large, 0);
    const known = Answers.fromRecord(recordOf(keepSessions(200, answers)), 0);
    expect(known.find({ caller: 'server', number: 4 })).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(known.find({ caller: 'server', number: 3 })).toBeUndefined();
    known.keep({ caller: 'server', number: 3, acked: 2 }, large, 0);
    expect(known.find({ caller: 'server', number: 3 })).toEqual(large);
  });

  it('are the newest one at least, whatever it has', () => {
    const answers = keepSessions(3);
    const huge = { data: 'x'.repeat(bound * 2) };
    answers.keep({ caller: 'bob/1', number: 1 }, huge, 0);
    expect(answers.find({ caller: 'bob/1', number: 1 })).toEqual(huge);
    answers.keep({ caller: 'bob/1', number: 2 }, large, 0);
    expect(answers.find({ caller: 'bob/1', number: 1 })).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(bytesOf(answers)).toBeLessThan(bound);
  });

  const callOf = (index: number) => ({ caller: `player${index}/0123456789012345678901`, number: 1 });

  it('know every caller of the last 15 s, however many, also in a successor', () => {
    const crowd = new Answers();
    for (let index = 0; index < 3_000; index += 1) crowd.keep(callOf(index), { data: index }, index);
    const known = Answers.fromRecord(recordOf(crowd), 3_000);
    known.keep(callOf(3_000), {}, 15_000);
    expect(Array.from({ length: 3_000 }, (_, index) => known.hasHad(callOf(index).caller, 1))).not.toContain(
      false,
    );
    known.keep(callOf(3_001), {}, 16_501);
    expect([1_500, 1_501].map((index) => known.hasHad(callOf(index).caller, 1))).toEqual([false, true]);
  });

  it('are in each checkpoint as they are by then', () => {
    const answers = new Answers();
    const kept = (number: number, acked?: number): unknown => {
      answers.keep({ caller: 'ann/"1"', number, acked }, { data: { number } }, number);
      return recordOf(answers);
    };
    const one = (number: number): unknown => [number, { data: { number } }];
    expect(kept(1)).toEqual([['ann/"1"', [one(1)], -1, 1]]);
    expect(kept(2)).toEqual([['ann/"1"', [one(1), one(2)], -1, 2]]);
    answers.keep({ caller: 'bob/1', number: 7 }, {}, 5);
    expect(recordOf(answers)).toEqual([
      ['ann/"1"', [one(1), one(2)], -1, 2],
      ['bob/1', [[7, {}]], -1, 5],
    ]);
    expect(kept(3, 2)).toEqual([
      ['bob/1', [[7, {}]], -1, 5],
      ['ann/"1"', [one(3)], 2, 3],
    ]);
    keepSessions(200, answers);
    expect(recordOf(answers).slice(0, 2)).toEqual([
      ['bob/1', [], 7, 5],
      ['ann/"1"', [], 3, 3],
    ]);
  });

  it('keep those who called last, where they are few', () => {
    const answers = new Answers();
    for (let index = 0; index < 1_025; index += 1) answers.keep(callOf(index), {}, index * 60_000);
    expect([0, 1].map((index) => answers.hasHad(callOf(index).caller, 1))).toEqual([false, true]);
  });

  it('take so much of a checkpoint and no more: another caller waits until one is forgotten', () => {
    const answers = new Answers();
    const refused = (index: number, now: number): string | undefined => {
      try {
        answers.assertRoomFor(callOf(index), now);
        return undefined;
      } catch (error) {
        return (error as RpcError).code;
      }
    };
    let callers = 0;
    while (!refused(callers, 0)) answers.keep(callOf(callers++), {}, 0);
    expect([callers > 3_000, refused(callers, 15_000)]).toEqual([true, 'BUSY']);
    expect(bytesOf(answers)).toBeLessThan(256 * 1024);
    expect(refused(0, 0)).toBeUndefined();
    expect(refused(callers, 15_001)).toBeUndefined();
  });
});
