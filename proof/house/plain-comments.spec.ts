import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findUnclearSentences } from './plain-comments.js';

const plain = /\.(?:ts|mjs|cjs|md|ya?ml|sh|py)$|Dockerfile$|\.ci\/run$/;
/** Texts of others, and the planted sentences below. */
const others = /^docs\/original-design\.md$|\/plain-comments\.(?:spec\.)?ts$/;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => plain.test(path) && !others.test(path) && existsSync(path));

describe('comments and documents', () => {
  it('have sentences that begin with their subject', () => {
    const found = files.flatMap((path) => findUnclearSentences({ path, text: readFileSync(path, 'utf8') }));
    expect(found).toEqual([]);
  });

  it.each([
    ['a.ts', '/** Of one that crashed. */'],
    ['a.mjs', '/** What was answered. */'],
    ['a.cjs', '// Who may import whom.'],
    ['a.spec.ts', '   * Ends here.\n   * Who may not create needs not to'],
    ['a.ts', '// A first sentence. What comes next\n// is another one.'],
    ['a.yaml', '  # Of all versions the stable one.'],
    ['a.md', '- A point. What is left\n  is the CPU.'],
    ['a.md', '| word | What is meant by it |'],
    ['a.md', 'The place is kept for who resumes.'],
  ])('would be found without one: %s: %s', (path, text) => {
    expect(findUnclearSentences({ path, text })).toHaveLength(1);
  });

  it.each([
    ['a.ts', '// The end of those\n// Who went on.'],
    ['a.ts', '// Of course.'],
    ['a.md', '# What it does\n\nWhat can go wrong? Nothing.'],
    ['a.md', '```text\nWhat is printed\n```'],
  ])('may go on, ask and quote: %s: %s', (path, text) => {
    expect(findUnclearSentences({ path, text })).toEqual([]);
  });
});
