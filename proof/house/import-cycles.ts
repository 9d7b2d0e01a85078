import { dirname, join } from 'node:path/posix';
import type { FileMeasures } from './measure-file.js';

type Graph = Map<string, string[]>;

/** Groups of files that import each other in a circle. @param withTypes also by imports of types alone */
export function findCycles(files: FileMeasures[], withTypes: boolean): string[][] {
  return strongComponents(graphOf(files, withTypes)).filter((group) => group.length > 1);
}

function graphOf(files: FileMeasures[], withTypes: boolean): Graph {
  const paths = new Set(files.map(({ path }) => path));
  return new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(({ isTypeOnly }) => withTypes || !isTypeOnly)
        .map(({ specifier }) => pathOf(path, specifier))
        .filter((target) => paths.has(target)),
    ]),
  );
}

/** Where an import leads: relative, a library by its name (`#rpc` in 0.1), or a file of the game. */
function pathOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(from), specifier).replace(/\.js$/, '.ts');
  if (specifier.startsWith('#game/')) return specifier.replace('#game/', 'game/src/').replace(/\.js$/, '.ts');
  return specifier.replace(/^(?:#|@ccgame\/)([a-z-]+)$/, 'libs/$1/src/index.ts');
}

/** Tarjan's algorithm (Depth-first search and linear graph algorithms, 1972). */
function strongComponents(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) === order.get(file)) components.push(stack.splice(stack.indexOf(file)));
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return components;
}
