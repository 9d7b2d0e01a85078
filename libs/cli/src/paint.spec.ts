import { stripVTControlCharacters } from 'node:util';
import { ccgameCommand } from './ccgame.js';
import { columns } from './columns.js';
import { paint, paintMarks } from './paint.js';

describe('colours', () => {
  const terminal = { isTTY: true as const, hasColors: () => true };
  const { FORCE_COLOR, NO_COLOR } = process.env;
  beforeEach(() => {
    delete process.env.FORCE_COLOR;
    delete process.env.NO_COLOR;
  });
  afterAll(() => Object.assign(process.env, FORCE_COLOR && { FORCE_COLOR }, NO_COLOR && { NO_COLOR }));

  it('are for terminals that have them, and for nobody who says NO_COLOR', () => {
    expect(paint('red', 'x', terminal)).toBe('\u001b[31mx\u001b[39m');
    expect(paint('red', 'x', { ...terminal, hasColors: () => false })).toBe('x');
    expect(paint('red', 'x', {})).toBe('x');
    process.env.NO_COLOR = '1';
    expect(paint('red', 'x', terminal)).toBe('x');
    process.env.FORCE_COLOR = '1';
    expect(paint('red', 'x', {})).toBe('\u001b[31mx\u001b[39m');
  });

  it('mark what went well and what did not, and leave the rest', () => {
    process.env.FORCE_COLOR = '1';
    expect(paintMarks('✓ done\n✗ not done\nplain ✓')).toBe(
      '\u001b[32m✓\u001b[39m done\n\u001b[31m✗\u001b[39m not done\nplain ✓',
    );
  });

  it('take no place in a table', () => {
    process.env.FORCE_COLOR = '1';
    const table = columns([
      ['state', 'id'],
      [paint('green', 'ready'), 'a'],
      ['absent', 'b'],
    ]);
    expect(stripVTControlCharacters(table)).toBe('state   id\nready   a\nabsent  b');
  });

  it.each([true, false])('are in the help where a terminal shows them: %s', async (hasColors) => {
    const program = await ccgameCommand(['players']);
    const find = program.commands.find((one) => one.name() === 'players')?.commands[0];
    let text = '';
    find?.configureOutput({ writeOut: (part) => (text += part), getOutHasColors: () => hasColors });
    find?.outputHelp();
    expect(text).toContain(hasColors ? '\u001b[1mExamples:\u001b[22m' : '\nExamples:\n');
    expect(text.includes('\u001b[1mUsage:')).toBe(hasColors);
  });
});
