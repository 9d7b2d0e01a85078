import { findCycles } from './import-cycles.js';
import { type FileMeasures, measureFile } from './measure-file.js';
import type { SourceTree } from './source-tree.js';

/** Names that the one job of a small class may have everywhere. */
const lifecycleNames = new Set(['open', 'close', 'start', 'stop']);
/** Nest calls these by name. */
const nestHook =
  /^(on|before)(Module|Application)[A-Z]|^(use|catch|transform|canActivate|intercept|forRoot\w*)$/;
const mostPlaces = 8;

/** Sizes in lines; shares in percent. */
export interface HouseFigures {
  files: number;
  lines: number;
  fileMedian: number;
  fileP90: number;
  fileLongest: number;
  functions: number;
  functionMedian: number;
  functionP90: number;
  functionLongest: number;
  cycles: number;
  cyclesOfTypes: number;
  /** The share of the named functions whose name is one lower-case word. */
  oneWordNames: number;
  /** Names other than a lifecycle's that are defined in more than 8 places, with how many. */
  frequentNames: Record<string, number>;
  exports: number;
  documentedExports: number;
  exportsPerFile: number;
}

/** Measures a tree. Empty trees have no figures. @throws Error when there is no file */
export function measureHouse(tree: SourceTree): HouseFigures {
  if (tree.size === 0) throw new Error('There is no source file to measure');
  const files = [...tree].map(([path, text]) => measureFile(path, text));
  const functions = files.flatMap((file) => file.functions);
  const names = functions.flatMap(({ name }) => name ?? []);
  const exported = files.flatMap((file) => file.exports);
  return {
    ...sizesOf(files),
    functions: functions.length,
    functionMedian: percentile(functions, 0.5),
    functionP90: percentile(functions, 0.9),
    functionLongest: percentile(functions, 1),
    cycles: findCycles(files, false).length,
    cyclesOfTypes: findCycles(files, true).length,
    oneWordNames: percent(names.filter((name) => /^[a-z]+$/.test(name)).length, names.length),
    frequentNames: frequentNames(names),
    exports: exported.length,
    documentedExports: percent(exported.filter(({ isDocumented }) => isDocumented).length, exported.length),
    exportsPerFile: round(exported.length / files.length),
  };
}

function sizesOf(
  files: FileMeasures[],
): Pick<HouseFigures, 'files' | 'lines' | 'fileMedian' | 'fileP90' | 'fileLongest'> {
  return {
    files: files.length,
    lines: files.reduce((sum, { lines }) => sum + lines, 0),
    fileMedian: percentile(files, 0.5),
    fileP90: percentile(files, 0.9),
    fileLongest: percentile(files, 1),
  };
}

function frequentNames(names: string[]): Record<string, number> {
  const places = new Map<string, number>();
  for (const name of names) places.set(name, (places.get(name) ?? 0) + 1);
  const frequent = [...places].filter(
    ([name, count]) => count > mostPlaces && !lifecycleNames.has(name) && !nestHook.test(name),
  );
  return Object.fromEntries(frequent.sort(([, a], [, b]) => b - a));
}

/** The nearest rank: a length that something really has. */
function percentile(measured: Array<{ lines: number }>, share: number): number {
  const sorted = measured.map(({ lines }) => lines).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : round((100 * part) / whole);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
