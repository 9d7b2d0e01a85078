import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findDeadCitations, Repository } from './cited-paths.js';

const readText = (path: string): string => readFileSync(path, 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(path));
const repository = new Repository(files, readText);

describe('paths that documents and comments cite', () => {
  it('are all in the repository', () => {
    const sources = files.filter((path) => /\.(md|ts|mjs|cjs|ya?ml)$|Dockerfile$/.test(path));
    const dead = sources.flatMap((path) => findDeadCitations({ path, text: readText(path) }, repository));
    expect(dead).toEqual([]);
  });

  it('tell each file that is changed when a studio takes the arena out', () => {
    const [, takeItOut = ''] = readText('examples/arena/README.md').split('## Take it out');
    const ofGames = /^(game\/|k8s\/(?!arena\/)|\.vscode\/|package\.json$|nest-cli\.json$)/;
    const changed = files.filter(
      (path) => ofGames.test(path) && !/\.(spec|e2e)\.ts$/.test(path) && /arena(?!s\b)/i.test(readText(path)),
    );
    expect(changed).toContain('game/src/storage.ts');
    expect(changed.filter((path) => !takeItOut.includes(`\`${path}\``))).toEqual([]);
  });

  it.each([
    ['a link', '[x](nowhere.md)', '(nowhere.md)'],
    ['an anchor', '[x](../README.md#nothing-here)', '(../README.md#nothing-here)'],
    ['a path', 'see `libs/gone/src`', 'libs/gone/src'],
    ['a path of an old layout', 'run `npx jest cli/test`', 'cli/test'],
    ['a file without its folder', 'see `gone.spec.ts`', 'gone.spec.ts'],
    ['a decision', 'as decisions 001 and 999 say', 'decision 999'],
  ])('are missed when dead: %s', (_, text, cited) => {
    expect(findDeadCitations({ path: 'docs/x.md', text }, repository)).toEqual([`docs/x.md: ${cited}`]);
  });

  it('may be those that a page lets its reader write', () => {
    const block = '```ts file=game/src/chat/say.ts\n```\n';
    const cited = findDeadCitations(
      { path: 'docs/x.md', text: `${block}see \`say.ts\`, game/src/chat and game/src/chap` },
      repository,
    );
    expect(cited).toEqual(['docs/x.md: game/src/chap']);
  });

  it('are missed in comments, and not looked for in code', () => {
    const text = `const path = 'libs/gone/a.ts'; ${'//'} see libs/gone/b.ts and libs/rpc/src/errors.ts`;
    expect(findDeadCitations({ path: 'libs/x.ts', text }, repository)).toEqual(['libs/x.ts: libs/gone/b.ts']);
  });
});

describe('files of the repository', () => {
  // Prettier makes a table or a quotation of them.
  const mark = /^\W*(<{7}|>{7}|(> ){6}>) \S/m;

  it('hold no marks of a merge', () => {
    const texts = files.filter((path) => /\.(md|ts|mjs|cjs|json|ya?ml)$/.test(path));
    expect(texts.filter((path) => mark.test(readText(path)))).toEqual([]);
  });

  it.each([`${'<'.repeat(7)} HEAD`, `| ${'<'.repeat(7)} HEAD |`, `${'> '.repeat(7)}c36d6af9 (x)`])(
    'would be found with them: %s',
    (line) => expect(mark.test(`a\n${line}\n`)).toBe(true),
  );
});
