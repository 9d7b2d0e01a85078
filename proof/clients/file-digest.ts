import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Names what is made of a file: another one, once the file has changed. */
export function fileDigest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12);
}
