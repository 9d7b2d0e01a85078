import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { ccgameCommand } from '@ccgame/cli';
import { findCommandProblems, type KnownCommands } from './command-problems.js';
import { linesOf, readSteps } from './page-steps.js';
import { endOfLines } from './printed-lines.js';

const readText = (path: string): string => readFileSync(path, 'utf8');
const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
let known: KnownCommands;
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(path));

describe('the commands in the pages', () => {
  beforeAll(async () => {
    known = { ccgame: await ccgameCommand(), scripts: new Set(Object.keys(scripts)) };
  });

  it('are all there: subcommands, options and npm scripts', () => {
    const problems = pages.flatMap((page) =>
      readSteps(page, readText(page))
        .filter(({ kind }) => kind === 'commands')
        .flatMap((step) => linesOf(step).flatMap((line) => findCommandProblems(line, known)))
        .map((problem) => `${page}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  it.each([
    ['npx ccgame release deplay 1.0.0001', 'there is no "ccgame release deplay"'],
    ['npx ccgame release deploy 1.0.0001 --form main', '"ccgame release deploy" has no option --form'],
    ['cd x && npx ccgame release promote', '"ccgame release promote" is given 0 arguments'],
    ['npm run -s arena:previous', 'there is no script "arena:previous"'],
  ])('are missed when they are not there: %s', (line, problem) => {
    expect(findCommandProblems(line, known)).toContain(problem);
  });
});

describe('the tutorial', () => {
  const steps = readSteps('docs/tutorial.md', readText('docs/tutorial.md'));

  it('says what each terminal prints after it was opened', () => {
    const opened = new Set<string>();
    for (const step of steps) {
      if (step.kind === 'commands' && step.terminal) opened.add(step.terminal);
      if (step.kind === 'output' && step.terminal) expect(opened).toContain(step.terminal);
    }
    expect([...opened]).toEqual(['game', 'player']);
    expect(steps.filter(({ kind }) => kind === 'output').length).toBeGreaterThan(6);
  });

  it('is compared with the printed lines in their order', () => {
    const printed = 'moved to b\nanswer:   HELLO (1.0)\n';
    expect(endOfLines(printed, ['moved to b', 'answer: HELLO (1.0)'])).toBe(printed.length - 1);
    expect(endOfLines(printed, ['answer: HELLO', 'moved to b'])).toBeUndefined();
  });

  it('leaves the ends of words open where it writes …', () => {
    const printed = 'moved to connector-1\nanswer: HELLO\n';
    expect(endOfLines(printed, ['moved to connector-…', 'answer: HELLO'])).toBe(printed.length - 1);
    expect(endOfLines(printed, ['moved to arena-…'])).toBeUndefined();
  });
});
