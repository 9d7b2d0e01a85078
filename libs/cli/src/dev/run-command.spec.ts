import { runCommand } from './run-command.js';

const cwd = process.cwd();

describe('a command', () => {
  it('that never ends is ended after its time, and its last words are told', async () => {
    const waiting = runCommand('sh', ['-c', 'echo "waits for NATS"; exec sleep 30'], {
      cwd,
      timeoutMs: 1_000,
    });
    await expect(waiting).rejects.toThrow(/" had not ended after 1000 ms:\nwaits for NATS$/);
  });

  it('that fails tells its last words', async () => {
    const failed = runCommand('sh', ['-c', 'echo "no space"; exit 3'], { cwd, timeoutMs: 60_000 });
    await expect(failed).rejects.toThrow(/" ended with 3:\nno space$/);
  });
});
