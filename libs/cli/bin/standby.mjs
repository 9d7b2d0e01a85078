// A process of `npm run dev` that loads installed packages, and then waits to become a server. Its launcher sends it first the packages'
// addresses, and later { entry, cwd, env }.
import { argv, env as variables } from 'node:process';
import { pathToFileURL } from 'node:url';

const endWithLauncher = () => process.exit(1);
process.once('disconnect', endWithLauncher);
process.once('message', async ({ packages }) => {
  process.once('message', (start) => void become(start));
  // Where one doesn't load, the server's own import says so.
  for (const address of packages) await import(address).catch(() => {});
});

async function become({ entry, cwd, env }) {
  const { PATH, HOME } = variables;
  for (const name of Object.keys(variables)) delete variables[name];
  Object.assign(variables, { PATH, HOME, ...env });
  process.chdir(cwd);
  argv[1] = entry;
  // The server stops by itself when its launcher is gone.
  process.off('disconnect', endWithLauncher);
  await import(pathToFileURL(entry).href);
}
