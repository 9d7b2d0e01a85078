import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const built = pathToFileURL(join('libs', 'cli', 'dist', 'exit-printed.js')).href;

/** A process that prints 4 MB and ends with code 3. */
function printMuch(): ReturnType<typeof spawn> {
  const code = `import { exitPrinted } from '${built}';
    process.stdout.write('x'.repeat(4_000_000));
    await exitPrinted(3);`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('the end of a command', () => {
  it('waits for a reader behind a pipe to have all', async () => {
    const child = printMuch();
    let length = 0;
    child.stdout?.on('data', (chunk: Buffer) => (length += chunk.length));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, length]).toEqual([3, 4_000_000]);
  });

  it('does not wait for a reader that has left', async () => {
    const child = printMuch();
    child.stdout?.destroy();
    expect(await once(child, 'close')).toEqual([3, null]);
  });
});
