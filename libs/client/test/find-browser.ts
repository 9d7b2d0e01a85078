import { existsSync } from 'node:fs';
import { installDebianPackage } from '@ccgame/testing';

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
  const failure = find() ? '' : installDebianPackage('chromium', 'for the browser test');
  const found = find();
  if (!found) throw new Error(`There is no Chromium for the browser test. Install one as root: ${failure}`);
  return found;
}
