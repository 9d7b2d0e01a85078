import { spawn } from 'node:child_process';
import { ChildOutput } from './child-output.js';

describe('the output of a command', () => {
  it('is read whole where a character comes in two parts', async () => {
    const code = `process.stdout.write(Buffer.from([0xe5, 0xa5]));
      process.stdin.once('data', () => process.stdout.write(Buffer.from([0xbd])));`;
    const child = spawn(process.execPath, ['-e', code]);
    const output = new ChildOutput(child);
    setTimeout(() => child.stdin.end('go on'), 200);
    await output.prints(/好/, 15_000);
    child.kill();
    await output.ended;
  });

  it('is quoted where the command ends without what was waited for', async () => {
    const output = new ChildOutput(spawn(process.execPath, ['-e', 'console.error("no such luck")']));
    await expect(output.prints(/luckily/)).rejects.toThrow('no such luck');
  });
});
