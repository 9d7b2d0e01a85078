import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { earlyCommands, earlyHelp } from './early-commands.js';

/** In a folder that has the command's own files alone. */
function runEarly(
  folder: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const command = [join(folder, 'ccgame.mjs'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the help of a command that installs and builds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-help-'));
  beforeAll(() => cpSync(join('libs', 'cli', 'bin'), folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([...earlyCommands.keys()])('is there where nothing is installed or compiled: %s', (name) => {
    expect(runEarly(folder, name, '--help')).toEqual({ status: 0, stdout: earlyHelp(name), stderr: '' });
  });

  it('is followed by a sentence where there is no game, or nothing is installed', () => {
    expect(runEarly(folder, 'start').stderr).toMatch(
      /^There is no game in .*: run the command in the game's folder/,
    );
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(runEarly(folder, 'build')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^The packages of this game are not installed: run "npm ci" first/,
      ) as string,
    });
  });

  it('is followed by the name of a package.json that can’t be read, as a merge leaves it', () => {
    for (const command of ['start', 'build']) {
      writeFileSync(join(folder, 'package.json'), `${'<'.repeat(7)} HEAD\n{}`);
      const { status, stderr } = runEarly(folder, command);
      expect(stderr).toMatch(/^\S*package\.json can't be read: Unexpected/);
      expect(status).toBe(1);
    }
  });
});
