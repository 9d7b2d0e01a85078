import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { reasonOf } from './dev/problem.js';

/**
 * The object that a file holds, as a person may have edited it, or a merge left it.
 *
 * @param parse of its text; JSON when left out
 * @throws Error that names the file, where it can't be read or holds no object
 */
export function readObject<T extends object>(
  file: string,
  parse: (text: string) => unknown = JSON.parse,
): Partial<T> {
  return orUnreadable(file, () => {
    const value = parse(readFileSync(file, 'utf8'));
    if (isObject(value)) return value;
    throw new Error('it holds no object');
  });
}

/** Whether it has fields: a list has none. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a file by another reader. @throws Error that names the file, and why not */
export function orUnreadable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${file} can't be read: ${reasonOf(cause)}.`, { cause });
  }
}

/** The exports of a file of the built game. @throws Error that names the file, where its code throws or can't be read */
export async function importBuilt<T extends object>(file: string): Promise<Partial<T>> {
  try {
    return (await import(pathToFileURL(file).href)) as Partial<T>;
  } catch (cause) {
    throw new Error(`${file} can't be loaded: ${reasonOf(cause)}.`, { cause });
  }
}
