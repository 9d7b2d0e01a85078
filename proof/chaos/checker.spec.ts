import { judge, judgeInputs, judgeResults, nothingWrong as good, type Sent } from './checker.js';

const sent: Sent[] = [0, 1, 2, 3, 4].map((number) => ({ number, isAcked: true }));

describe('the checker of the chaos run', () => {
  it('has nothing against what came once and in order', () => {
    expect(judge(sent, [0, 1, 2, 3, 4], false)).toEqual(good);
  });

  it.each<[string, Parameters<typeof judge>, Partial<typeof good>]>([
    ['a push that never came', [sent, [0, 1, 3, 4], false], { lost: 1 }],
    ['the last ones that never came', [sent, [0, 1, 2], false], { lost: 2 }],
    ['one that came twice', [sent, [0, 1, 1, 2, 3, 4], false], { doubled: 1 }],
    ['one that nobody sent', [sent, [0, 1, 2, 3, 4, 9], false], { doubled: 1 }],
    ['two that changed places', [sent, [0, 2, 1, 3, 4], false], { reordered: 1 }],
    ['a gap that was told, where the storage was lost', [sent, [0, 'gap', 3, 4], true], { excused: 2 }],
    ['a gap that was told at the end', [sent, [0, 1, 2, 'gap'], true], { excused: 2 }],
    ['a gap that was told, where nothing was lost', [sent, [0, 'gap', 3, 4], false], { lost: 2 }],
    ['one that is missing beside the gap', [sent, [0, 2, 'gap', 4], true], { lost: 1, excused: 1 }],
  ])('finds %s', (_, planted, expected) => {
    expect(judge(...planted)).toEqual({ ...good, ...expected });
  });

  it('asks for no push of which nobody knows whether it is stored', () => {
    const unsure = [...sent, { number: 5, isAcked: false }];
    expect(judge(unsure, [0, 1, 2, 3, 4], false)).toEqual(good);
    expect(judge(unsure, [0, 1, 2, 3, 4, 5], false)).toEqual(good);
  });

  const inputs = (...counts: (number | undefined)[]) => counts.map((count) => ({ count }));

  it.each<[string, Parameters<typeof judgeInputs>]>([
    ['inputs that were answered and counted', [inputs(1, 2, 3), 3]],
    ['one without an answer that was applied', [inputs(1, undefined, 3), 3]],
    ['one without an answer that was not', [inputs(1, undefined, 2), 2]],
    ['the last one applied after its answer was given up', [inputs(1, 2, undefined), 3]],
  ])('has nothing against %s', (_, planted) => {
    expect(judgeInputs(...planted)).toEqual(good);
  });

  it.each<[string, Parameters<typeof judgeInputs>, Partial<typeof good>]>([
    ['an answered input that the room has not', [inputs(1, 2, 3), 2], { lost: 1 }],
    ['a room that is gone', [inputs(1, 2, 3), undefined], { lost: 3 }],
    ['a room that went back and on', [inputs(1, 2, 3, 2), 2], { reordered: 1, lost: 1 }],
    ['an input that was applied twice', [inputs(1, 2, undefined), 4], { doubled: 1 }],
    ['two that are said to be the same', [inputs(1, 2, 2), 2], { doubled: 1 }],
    ['two that changed places', [inputs(1, 3, 2), 3], { reordered: 1 }],
    ['a room that went back with its storage', [inputs(1, 2, 3, 1), 1, true], { excused: 1 }],
    ['a room that went back by one input with its storage', [inputs(1, 2, 2), 2, true], { excused: 1 }],
    ['a room that is gone with its storage', [inputs(1, 2, 3), undefined, true], { excused: 3 }],
    ['one applied twice, though the storage was lost', [inputs(1, 2), 3, true], { doubled: 1 }],
  ])('finds %s', (_, planted, expected) => {
    expect(judgeInputs(...planted)).toEqual({ ...good, ...expected });
  });

  const [acked, unsure] = [{ isAcked: true }, { isAcked: false }];

  it.each<[string, Parameters<typeof judgeResults>, Partial<typeof good>]>([
    ['nothing where all are counted', [[acked, acked], 2, false], {}],
    ['nothing where one was counted of which nobody knows', [[acked, unsure], 2, false], {}],
    ['nothing where that one was not', [[acked, unsure], 1, false], {}],
    ['a result that no board has', [[acked, acked], 1, false], { lost: 1 }],
    ['one that was counted twice', [[acked, acked], 3, false], { doubled: 1 }],
    ['one that was lost with its storage', [[acked, acked], 1, true], { excused: 1 }],
  ])('finds among the results %s', (_, planted, expected) => {
    expect(judgeResults(...planted)).toEqual({ ...good, ...expected });
  });
});
