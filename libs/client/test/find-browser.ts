import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * A Chromium of this machine; on a Debian where we may, it is installed.
 *
 * @throws Error that says what to install, since a browser that nobody tried is no browser that works
 */
export function findBrowser(): string {
  const find = () => places.find((place) => existsSync(place));
  const failure = find() ? '' : install();
  const found = find();
  if (!found) throw new Error(`There is no Chromium for the browser test. Install one as root: ${failure}`);
  return found;
}

/** Returns what would have to be run, and why it failed. */
function install(): string {
  const steps = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ];
  if (process.getuid?.() !== 0) return 'apt-get install chromium';
  process.stderr.write('installing chromium with apt-get, for the browser test (once)\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const step of steps) {
    const options = ['-o', 'DPkg::Lock::Timeout=120', ...step];
    const { status, stderr } = spawnSync('apt-get', options, { env, encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) return `apt-get ${step.join(' ')}: ${stderr?.trim() || 'it did not end'}`;
  }
  return 'apt-get install chromium';
}
