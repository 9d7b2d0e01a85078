import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StaticPage } from './http-options.js';

/** A page for each folder in one, under its name; none where that isn't built, as in production. */
export function pagesIn(folder: string): StaticPage[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory());
  return found.map(({ name }) => ({ name, folder: join(folder, name) }));
}
