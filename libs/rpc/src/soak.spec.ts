import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** `npm run soak:rpc` is the long one, with a million calls. */
it('60,000 calls, among them failing ones, leave the heap as it was (5 %)', async () => {
  const soak = join(process.cwd(), 'dist', 'bench', 'rpc', 'soak.js');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', soak, '--calls', '60000']);
  expect(JSON.parse(stdout)).toMatchObject({ calls: 60_000, flat: true });
}, 60_000);
