import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildOutput, untilHolds } from '@ccgame/testing';

describe('runCommand', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ccgame-run-command-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('ends its command with the process that runs it', async () => {
    const module = JSON.stringify(join(process.cwd(), 'libs/cli/dist/dev/run-command.js'));
    const code = `import { runCommand } from ${module};
      process.on('SIGTERM', () => process.exit(0));
      await runCommand('sh', ['-c', 'echo $$ > pid; exec sleep 1000'], { cwd: process.cwd() });`;
    const args = ['--input-type=module', '-e', code];
    const runner = new ChildOutput(spawn(process.execPath, args, { cwd: folder }));
    const pidFile = join(folder, 'pid');
    await untilHolds(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
    const command = `/proc/${readFileSync(pidFile, 'utf8').trim()}`;
    runner.child.kill('SIGTERM');
    await runner.ended;
    await untilHolds(() => !existsSync(command));
  });
});
