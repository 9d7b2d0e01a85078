import { readFile } from 'node:fs/promises';
import { transform } from '@swc/core';
import type { OnLoadResult, Plugin } from 'esbuild';

const comment = /^\s*(\/\*.*?\*\/|\*\/|\/?\*.*|\/\/.*)/;
const decorator = /(^|[\s(,])@[A-Za-z_$]/;

/**
 * Whether a source may have a decorator. The tags of comments that begin a line are none: most files have some, and each file that
 * goes through swc makes a change slower. A comment behind code counts, which costs that file its quicker way and nothing else.
 */
export function mayDecorate(source: string): boolean {
  const lines = source.match(/^.*@.*$/gm) ?? [];
  return lines.some((line) => decorator.test(line.replace(comment, '')));
}

/** esbuild writes no types of decorated parameters, which Nest reads: files with decorators go through swc first. */
export function compileDecorators(): Plugin {
  const compiled = new Map<string, { source: string; result: OnLoadResult }>();
  return {
    name: 'decorators',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!mayDecorate(source)) return undefined;
        const known = compiled.get(path);
        if (known?.source === source) return known.result;
        const result = await compile(path, source);
        compiled.set(path, { source, result });
        return result;
      });
    },
  };
}

/** An error of syntax is left to esbuild, which shows the line. */
async function compile(filename: string, source: string): Promise<OnLoadResult> {
  try {
    const { code } = await transform(source, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      // The bundle's map has none either.
      inlineSourcesContent: false,
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
    });
    return { contents: code, loader: 'js' };
  } catch {
    return { contents: source, loader: 'ts' };
  }
}
