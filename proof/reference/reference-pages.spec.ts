import { readFileSync } from 'node:fs';
import { describeErrors } from '@ccgame/rpc';
import { listErrors } from './error-codes.js';
import { referencePages } from './reference-pages.js';
import { withWrittenPart } from './written-part.js';

describe('the reference pages', () => {
  it.each(Object.entries(referencePages))(
    '%s is what `npm run docs:reference` writes',
    async (path, rewrite) => {
      const page = readFileSync(path, 'utf8');
      expect(await rewrite(page)).toBe(page);
    },
  );

  it('say the same on every day', async () => {
    const page = readFileSync('docs/command.md', 'utf8');
    jest.useFakeTimers({ now: new Date('2031-03-07') });
    try {
      expect(await referencePages['docs/command.md']?.(page)).toBe(page);
    } finally {
      jest.useRealTimers();
    }
  });

  it('have every error of the catalogue, once', () => {
    const listed = [...listErrors().values()].flat().map(({ code }) => code);
    expect(listed.sort()).toEqual(
      describeErrors()
        .map(({ code }) => code)
        .sort(),
    );
  });

  it('change in the part alone that a command writes', () => {
    const page = 'a\n<!-- x: written by me -->\nold\n<!-- end of x -->\nb\n';
    expect(withWrittenPart(page, 'x', 'new\n')).toBe(
      'a\n<!-- x: written by me -->\n\nnew\n\n<!-- end of x -->\nb\n',
    );
    expect(() => withWrittenPart(page, 'y', 'new')).toThrow('no part named y');
  });
});
