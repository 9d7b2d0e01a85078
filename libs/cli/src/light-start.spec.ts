import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Each of these brings Nest, or as much other code: half a second and more of CPU (decision 230). */
const heavy =
  /^(@nestjs\/|class-validator$|esbuild$|@swc\/|@ccgame\/(nats|rpc|jetstream|releases|server|sessions|edge|matchmaker|entities)(\/(operations|store|basics))?$)/;
/** Whole servers, with sockets, HTTP and databases. Operators ask them by the contracts of `<library>/operations`. */
const ofServers = /^(@ccgame\/(server|edge|matchmaker|entities|http)|fastify|socket\.io|pino)$/;
/** The imports of compiled code, from which types are gone; `import()` doesn't count. */
const imported = /^(?:import|export) (?:[^'";]*? from )?['"]([^'"]+)['"]/gm;

/** The packages that a module imports before it does anything, by itself or by the files that it imports. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return Array.from(readFileSync(file, 'utf8').matchAll(imported), ([, name = '']) => name).flatMap((name) =>
    name.startsWith('.') ? packagesOf(join(dirname(file), name), seen) : [name],
  );
}

describe('a command', () => {
  it.each(['ccgame', 'release/command', 'operate/commands', 'dev/main'])(
    'is there before the libraries of servers are loaded: %s',
    (entry) => {
      const packages = packagesOf(join('libs', 'cli', 'dist', `${entry}.js`));
      expect(packages).toContain('commander');
      expect(packages.filter((name) => heavy.test(name))).toEqual([]);
    },
  );

  it('would be found with them: the work itself has them', () => {
    const packages = packagesOf(join('libs', 'cli', 'dist', 'release', 'actions.js'));
    expect(packages.filter((name) => heavy.test(name))).toEqual(expect.arrayContaining(['@ccgame/rpc']));
  });

  it.each(['release/actions', 'operate/actions'])('loads no server for its work: %s', (entry) => {
    const packages = packagesOf(join('libs', 'cli', 'dist', `${entry}.js`));
    expect(packages).toContain('@ccgame/edge/operations');
    expect(packages.filter((name) => ofServers.test(name))).toEqual([]);
  });
});

describe('a server', () => {
  it('loads no Fastify where it speaks no HTTP', () => {
    const packages = packagesOf(join('libs', 'server', 'dist', 'index.js'));
    expect(packages).toContain('@nestjs/core');
    expect(packages.filter((name) => /^(@nestjs\/platform-fastify|fastify)$/.test(name))).toEqual([]);
  });
});
