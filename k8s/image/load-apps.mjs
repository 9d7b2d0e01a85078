// Loads the code of every app, with the packages that the image has: what is missing fails the build, and not a rollout.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder = '.'] = process.argv.slice(2);
const apps = join(folder, 'dist', 'apps');
for (const app of readdirSync(apps)) {
  const source = join(apps, app, 'src');
  process.env.SERVER_TYPE = app;
  const modules = readdirSync(source).filter((name) => name.endsWith('.module.js'));
  for (const name of modules) await import(pathToFileURL(join(source, name)).href);
  console.log(`${app} loads`);
}
process.exit(0);
