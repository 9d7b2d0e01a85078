import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { earlyCommands, earlyHelp } from './early-commands.js';

describe('the help of a command that installs and builds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-help-'));
  beforeAll(() => cpSync(join('libs', 'cli', 'bin'), folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([...earlyCommands.keys()])('is there where nothing is installed or compiled: %s', (name) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(folder, 'ccgame.mjs'), name, '--help'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: earlyHelp(name), stderr: '' });
  });
});
