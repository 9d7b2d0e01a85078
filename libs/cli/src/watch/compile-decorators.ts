import { readFile } from 'node:fs/promises';
import { transform } from '@swc/core';
import type { OnLoadResult, Plugin } from 'esbuild';

/** A word behind an @: also in comments, which costs a file its quicker way and nothing else. */
const mayDecorate = /(^|[\s(,])@[A-Za-z_$]/;

/** esbuild writes no types of decorated parameters, which Nest reads: files with decorators go through swc first. */
export function compileDecorators(): Plugin {
  const compiled = new Map<string, { source: string; result: OnLoadResult }>();
  return {
    name: 'decorators',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!mayDecorate.test(source)) return undefined;
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
