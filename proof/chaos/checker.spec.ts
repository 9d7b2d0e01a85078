import { judge, type Sent } from './checker.js';

const sent: Sent[] = [0, 1, 2, 3, 4].map((number) => ({ number, isAcked: true }));
const good = { lost: 0, doubled: 0, reordered: 0, excused: 0 };

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
});
