import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from './file-digest.js';
import { runOrThrow } from './run-or-throw.js';

/**
 * The folder of the program's classes, made the first time under `jars`. Without it java compiles the source at each start, which takes five times
 * as long as the start itself: on a busy machine the players came too late.
 *
 * @param jars the folder of the packages that it needs
 * @throws Error where there is no JDK
 */
export function compileJava(source: string, jars: string): string {
  const classes = join(jars, `classes-${fileDigest(source)}`);
  if (existsSync(join(classes, 'Player.class'))) return classes;
  runOrThrow('javac', ['-cp', join(jars, '*'), '-d', classes, source]);
  return classes;
}
