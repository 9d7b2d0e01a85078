// Refuses a production dependency whose licence isn't in the list: `npm run licences [-- folder]`. The lock file has each
// package's licence as its own package.json gives it, an SPDX expression.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that let a studio ship the package in a closed game, with its notice. */
const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
]);

/** Packages that were looked at one by one. */
const lookedAt = new Map([
  ['node_modules/xmlhttprequest-ssl', 'MIT, in the form of package.json that npm no longer reads'],
  [
    'node_modules/caniuse-lite',
    'CC-BY-4.0: data, which only the command for tests installs; no server has it',
  ],
]);

const [folder = '.'] = process.argv.slice(2);
const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
const ofProduction = Object.entries(packages).filter(
  ([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && !link,
);
const refused = ofProduction.filter(([path, { license }]) => !isAllowed(license) && !lookedAt.has(path));

for (const [path, { version, license }] of refused)
  console.error(`${path}@${version}: ${license ?? 'no licence is given'}`);
const counts = new Map();
for (const [, { license }] of ofProduction) counts.set(license, (counts.get(license) ?? 0) + 1);
for (const [license, count] of counts) console.log(`${String(count).padStart(4)} ${license}`);
console.log(
  `${ofProduction.length} production dependencies, ${refused.length} with a licence that isn't allowed`,
);
process.exitCode = refused.length > 0 || ofProduction.length === 0 ? 1 : 0;

/** One of `A OR B` is enough; each of `A AND B` is needed. */
function isAllowed(expression = '') {
  const alternatives = expression.replaceAll(/[()]/g, '').split(' OR ');
  return alternatives.some((each) => each.split(' AND ').every((licence) => allowed.has(licence.trim())));
}
