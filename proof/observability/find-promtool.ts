import { existsSync } from 'node:fs';
import { installDebianPackage } from '@ccgame/testing';

const places = [process.env.PROMTOOL, '/usr/bin/promtool', '.ccgame/bin/promtool'];

/**
 * Prometheus' program that plays alarms, which is installed where we may.
 *
 * @returns undefined: there is none, as is told aloud
 * @throws Error in CI, where alarms that nobody played must not be green
 */
export function findPromtool(): string | undefined {
  const failure = find()
    ? ''
    : installDebianPackage('prometheus', 'for its promtool, which plays the alarms');
  const found = find();
  if (found !== undefined) return found;
  const told = `SKIPPED: the alarms are not played, as there is no promtool. Run as root: ${failure}; or set PROMTOOL to its path.`;
  if (process.env.CI) throw new Error(told);
  process.stderr.write(`${told}\n`);
  return undefined;
}

function find(): string | undefined {
  return places.find((path) => path !== undefined && existsSync(path));
}
