import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The compiler's output for sources that are no longer there. It never deletes that itself, and it would be published. */
export function removeStaleOutput(library) {
  const output = join(library, 'dist');
  if (!existsSync(output)) return;
  for (const file of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
    const source = sourceOf(file);
    if (source && !existsSync(join(library, 'src', source))) rmSync(join(output, file));
  }
}

function sourceOf(file) {
  return /\.(d\.ts|js)(\.map)?$/.test(file) ? file.replace(/\.(d\.ts|js)(\.map)?$/, '.ts') : undefined;
}
