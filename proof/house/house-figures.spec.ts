import { measureHouse } from './house-figures.js';
import { readCommit, readWorkingTree } from './source-tree.js';

const inNinePlaces = Array.from(
  { length: 9 },
  (_, at) => `class C${at} { take() {} close() {} onModuleInit() {} }`,
);

describe('the figures of the house', () => {
  it('count files, functions, names and docstrings', () => {
    const figures = measureHouse(
      new Map([
        ['libs/a/src/index.ts', "export { one } from './one.js';\n"],
        [
          'libs/a/src/one.ts',
          '/** Says one. */\nexport const one = () => {\n  return 1;\n};\nexport function readTwo() {}\nexport type Three = 3;\n',
        ],
      ]),
    );
    expect(figures).toMatchObject({ files: 2, lines: 7, fileMedian: 1, fileLongest: 6 });
    expect(figures).toMatchObject({ functions: 2, functionMedian: 1, functionLongest: 3, oneWordNames: 50 });
    expect(figures).toMatchObject({ exports: 3, documentedExports: 33.3, exportsPerFile: 1.5 });
  });

  it('find cycles through names of libraries, and those of types apart', () => {
    const figures = measureHouse(
      new Map([
        ['libs/a/src/index.ts', "import { b } from '@ccgame/b'; export const a = b;"],
        ['libs/b/src/index.ts', "import type { a } from '@ccgame/a'; export const b = 1;"],
        ['game/src/c.ts', "import '#game/d.js';"],
        ['game/src/d.ts', "export * from './c.js';"],
      ]),
    );
    expect(figures).toMatchObject({ cycles: 1, cyclesOfTypes: 2 });
  });

  it('name what is defined in more than 8 places, except for a lifecycle', () => {
    expect(measureHouse(new Map([['libs/a.ts', inNinePlaces.join('\n')]])).frequentNames).toEqual({
      take: 9,
    });
    expect(measureHouse(new Map([['libs/a.ts', inNinePlaces.slice(1).join('\n')]])).frequentNames).toEqual(
      {},
    );
  });

  it('are kept: no cycle, no name everywhere, and names that say what happens to what', () => {
    const { cyclesOfTypes, frequentNames, oneWordNames, documentedExports, fileLongest, functionLongest } =
      measureHouse(readWorkingTree());
    expect({ cyclesOfTypes, frequentNames }).toEqual({ cyclesOfTypes: 0, frequentNames: {} });
    expect(oneWordNames).toBeLessThan(35);
    expect(documentedExports).toBeGreaterThan(95);
    expect(fileLongest).toBeLessThan(260);
    expect(functionLongest).toBeLessThan(50);
  });

  it('are measured of a commit as of the files here', () => {
    expect(measureHouse(readCommit('HEAD')).files).toBeGreaterThan(100);
    expect(() => readCommit('no-such-commit')).toThrow();
  });
});
