import { spawnSync } from 'node:child_process';

describe('thirty seconds of torture', () => {
  it('lose, duplicate and reorder nothing, and run no `once` handler twice', () => {
    const args = ['dist/bench/torture/main.js', '--sockets', '60', '--minutes', '0.5', '--pause', '1500'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`The checker found a fault:\n${stdout}\n${stderr}`);
    expect(stdout).toContain('must be 0: pushes lost                    0');
  }, 180_000);
});
