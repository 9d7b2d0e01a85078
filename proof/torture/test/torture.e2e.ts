import { spawnSync } from 'node:child_process';

/** @throws Error that quotes the table when the checker found a fault */
function torture(...args: string[]): string {
  const command = ['dist/proof/torture/main.js', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The checker found a fault:\n${stdout}\n${stderr}`);
  return stdout;
}

describe('torture', () => {
  it('of twelve seconds loses, duplicates and reorders nothing, and runs no `once` handler twice', () => {
    const table = torture('--sockets', '60', '--minutes', '0.2', '--pause', '1300');
    expect(table).toMatch(/must be 0: pushes lost +0$/m);
  }, 180_000);

  it('of one nats-server after the other, out of three, loses nothing either', () => {
    const options = ['--sockets', '30', '--minutes', '0.12', '--pause', '500', '--connectors', '1'];
    expect(torture(...options, '--only', 'nats-server', '--nats-cluster')).toMatch(
      /must be 0: pushes lost +0$/m,
    );
  }, 120_000);
});
