// `npm run check`, which is also all that .ci/run does. Works on a fresh clone: the dependency rules and the lint rules look
// at what is installed and compiled. The last line is `N passed, N failed`; a part that fails before the tests is one failure.
import { spawnSync } from 'node:child_process';
import { prepare } from '../libs/cli/bin/prepare.mjs';
import { readResult } from '../libs/cli/bin/test-result.cjs';
import { filesToRunAgain, sumUp } from './run-again.cjs';

prepare();
for (const part of ['types', 'lint', 'format', 'deps', 'licences']) {
  process.stdout.write(`• ${part} …\n`);
  const { status } = runScript(part);
  if (status === 0) continue;
  console.log(`npm run ${part} failed\n0 passed, 1 failed`);
  process.exit(1);
}
process.exitCode = runScript('test').status ?? 1;
if (process.exitCode !== 0) runRedFilesAgain();

/** See docs/decisions/280-ci-runs-red-files-once-more.md. `npm test` by itself runs nothing twice. */
function runRedFilesAgain() {
  const first = readResult();
  const files = filesToRunAgain(first);
  if (files.length === 0) return;
  console.log(`• once more, alone: ${files.join(' ')} …`);
  // A red test may leave a process behind, and Jest would wait for it for ever.
  process.exitCode = runScript('test', ['--', '--runInBand', '--forceExit', ...files]).status ?? 1;
  const { passed, failed } = sumUp(first, readResult(), files);
  if (process.exitCode === 0)
    console.log(`red once, and green alone (mend it all the same): ${files.join(' ')}`);
  console.log(`${passed} passed, ${failed} failed`);
}

function runScript(name, args = []) {
  return spawnSync('npm', ['run', '--silent', name, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}
