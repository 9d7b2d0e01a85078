import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpException } from '@nestjs/common';
import type semver from 'semver';

/** Loads a module as another test file of this worker would. */
function loadAnew<T extends object>(name: string): T {
  jest.resetModules();
  return jest.requireActual<T>(name);
}

describe('the modules of packages and sources', () => {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-packages-'));
  afterAll(() => rmSync(root, { recursive: true }));

  function writePackage(name: string, code: string): string {
    const folder = join(root, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.js'), code);
    return join(folder, 'index.js');
  }

  it('are found and read once in a worker', () => {
    const file = writePackage('kept', 'exports.number = 1;');
    expect(loadAnew(file)).toEqual({ number: 1 });
    writePackage('kept', 'exports.number = 22;');
    expect(loadAnew(file)).toEqual({ number: 1 });
  });

  it('are each test file’s own, and so are their globals', () => {
    const file = writePackage(
      'counted',
      'globalThis.loads = (globalThis.loads ?? 0) + 1; exports.list = [];',
    );
    const [one, other] = [loadAnew<{ list: unknown[] }>(file), loadAnew<{ list: unknown[] }>(file)];
    expect(globalThis).toHaveProperty('loads', 2);
    expect(one.list).not.toBe(other.list);
    expect(one.list).toBeInstanceOf(Array);
    expect(new HttpException('no', 400)).toBeInstanceOf(Error);
  });

  it('get the mock of a module that they import', () => {
    jest.doMock('semver/functions/parse', () => () => 'mocked');
    const { parse } = loadAnew<typeof semver>('semver');
    jest.dontMock('semver/functions/parse');
    expect(parse('1.2.3')).toBe('mocked');
    expect(loadAnew<typeof semver>('semver').parse('1.2.3')?.minor).toBe(2);
  });

  it('find each other in a circle, and know who they are', () => {
    const file = writePackage(
      'circle',
      "exports.early = 1; exports.other = require('./other'); exports.late = 2;",
    );
    writeFileSync(
      join(file, '..', 'other.js'),
      "const { early, late } = require('.'); module.exports = { early, late, file: __filename, by: module.parent.id };",
    );
    const other = { early: 1, late: undefined, file: join(file, '..', 'other.js'), by: file };
    expect(loadAnew(file)).toEqual({ early: 1, late: 2, other });
  });

  it('are run anew after they threw, and say in the stack where', () => {
    const file = writePackage(
      'broken',
      "throw new Error('broken ' + (globalThis.tries = (globalThis.tries ?? 0) + 1));",
    );
    expect(() => loadAnew(file)).toThrow('broken 1');
    expect(() => loadAnew(file)).toThrow(
      expect.objectContaining({ stack: expect.stringContaining(`${file}:1:7`) }),
    );
    expect(globalThis).toHaveProperty('tries', 2);
  });

  it('have the `jest` of the test file, where they are sources that name it', () => {
    const file = join(root, 'own.js');
    writeFileSync(file, 'exports.kind = typeof jest.fn;');
    expect(loadAnew(file)).toEqual({ kind: 'function' });
  });

  it('say where their syntax is wrong', () => {
    expect(() => loadAnew(writePackage('wrong', 'return ('))).toThrow(/Unexpected token/);
  });
});
