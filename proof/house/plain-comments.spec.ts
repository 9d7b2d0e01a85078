import { readWorkingTree } from './source-tree.js';

/** A reader looks in vain for the subject of `Of one that crashed` and of `What was answered to whom`. */
const withoutSubject = /^\s*(?:\/\*\*|\*) (?:What|Of|Who|Whose|Whom)\b.*/gm;

describe('docstrings', () => {
  it('begin with their subject', () => {
    const found = [...readWorkingTree()].flatMap(([path, text]) =>
      Array.from(text.matchAll(withoutSubject), ([line]) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    '/** Of one that crashed. */',
    '/** What was answered. */',
    '   * Who may not create needs not to',
  ])('are found without one: %s', (text) => {
    expect(text.match(withoutSubject)).toHaveLength(1);
  });
});
