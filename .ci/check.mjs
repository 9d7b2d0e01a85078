// `npm run check`, which is also all that .ci/run does. Works on a fresh clone: the dependency rules and the lint rules look
// at what is installed and compiled. The last line is `N passed, N failed`; a part that fails before the tests is one failure.
import { spawnSync } from 'node:child_process';
import { prepare } from '../libs/cli/bin/prepare.mjs';

prepare();
for (const part of ['types', 'lint', 'format', 'deps', 'licences']) {
  process.stdout.write(`• ${part} …\n`);
  const { status } = runScript(part);
  if (status === 0) continue;
  console.log(`npm run ${part} failed\n0 passed, 1 failed`);
  process.exit(1);
}
process.exitCode = runScript('test').status ?? 1;

function runScript(name) {
  return spawnSync('npm', ['run', '--silent', name], { stdio: ['ignore', 'inherit', 'inherit'] });
}
