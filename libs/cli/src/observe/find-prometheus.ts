import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '../environment.js';

const howToGet =
  'There is no prometheus on PATH. Debian and Ubuntu have it: apt-get install prometheus (and, as it needs no service of its own here, systemctl disable --now prometheus). macOS: brew install prometheus.';

/** The program's path. @throws Error that says how to get it */
export function findPrometheus(): string {
  const folders = environment.path.split(delimiter);
  const found = folders.map((folder) => join(folder, 'prometheus')).find(isExecutable);
  if (found === undefined) throw new Error(howToGet);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
