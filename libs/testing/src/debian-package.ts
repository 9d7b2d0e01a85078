import { spawnSync } from 'node:child_process';

/**
 * Installs a program that a test needs, where we may: as root, on a Debian.
 *
 * @param purpose what it is for, as it is told: `for the browser test`
 * @returns what would have to be run, and why it failed
 */
export function installDebianPackage(name: string, purpose: string): string {
  const steps = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', name],
  ];
  if (process.getuid?.() !== 0) return `apt-get install ${name}`;
  process.stderr.write(`installing ${name} with apt-get, ${purpose} (once)\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const step of steps) {
    const options = ['-o', 'DPkg::Lock::Timeout=120', ...step];
    const { status, stderr } = spawnSync('apt-get', options, { env, encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) return `apt-get ${step.join(' ')}: ${stderr?.trim() || 'it did not end'}`;
  }
  return `apt-get install ${name}`;
}
