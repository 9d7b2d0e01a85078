/** A package as npm would publish it. */
export interface Packed {
  /** Its package.json. */
  manifest: {
    name: string;
    version: string;
    license?: string;
    exports?: Record<string, Record<string, string>>;
    bin?: Record<string, string>;
    dependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
    /** Only games that use a part of the package install these. */
    peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  };
  /** By path: the text. */
  files: Map<string, string>;
  /** The texts that it was compiled from: a type may be needed to compile them alone. */
  sources?: string[];
}

/** Instances of these meet each other in one process, so the game has the one copy. */
const sharedByAll =
  /^(@nestjs\/|@nats-io\/)|^(reflect-metadata|rxjs|class-validator|class-transformer|prom-client|@opentelemetry\/api)$/;
/** Nest and Jest load these themselves. */
const neededWithoutImport = [
  '@nestjs/microservices',
  'reflect-metadata',
  'rxjs',
  'jest',
  '@swc/core',
  '@swc/jest',
  'engine.io',
];

/** The files that a created game is copied from: its sources and tests. */
const isTemplate = (path: string): boolean => path.startsWith('dist/template/');

/** In sentences, what is wrong with a package. */
export function packageProblems(packed: Packed): string[] {
  const { manifest, files } = packed;
  return [...contentProblems(files), ...entryProblems(manifest, files), ...dependencyProblems(packed)];
}

function contentProblems(files: Packed['files']): string[] {
  const wanted = ['README.md', 'LICENSE', 'package.json'];
  const missing = wanted.filter((name) => !files.has(name)).map((name) => `${name} is missing`);
  const needless = [...files.keys()].filter(
    (path) =>
      !isTemplate(path) &&
      (/(^|\/)(src|test)\/|\.(spec|e2e)\.|\.map$|\.tsbuildinfo$/.test(path) ||
        (/\.ts$/.test(path) && !/\.d\.c?ts$/.test(path))),
  );
  const lines = files.get('README.md')?.split('\n').filter(Boolean).length ?? 0;
  return [
    ...missing,
    ...needless.map((path) => `${path} isn't needed`),
    ...(lines < 3 ? ['README.md says nothing'] : []),
    ...(lines > 10 ? ['README.md has more than ten lines'] : []),
  ];
}

function entryProblems(
  { exports = {}, bin = {}, license }: Packed['manifest'],
  files: Packed['files'],
): string[] {
  const entries = Object.values(exports).flatMap((conditions) =>
    Object.entries(conditions).filter(([condition]) => condition !== '@ccgame/source'),
  );
  const paths = [...entries.map(([, path]) => path), ...Object.values(bin)];
  const untyped = Object.entries(exports).filter(([, conditions]) => !conditions.types);
  return [
    ...paths
      .map((path) => path.replace(/^\.\//, ''))
      .filter((path) => !files.has(path))
      .map((path) => `${path} is an entry and isn't there`),
    ...untyped.map(([name]) => `${name} has no types`),
    ...(paths.length === 0 ? ['it has no entry'] : []),
    ...(license === 'MIT' ? [] : ['it has no licence']),
  ];
}

/** The published code and types import the packages that package.json names: no more, no less, and each at its place. */
function dependencyProblems({ manifest, files, sources = [] }: Packed): string[] {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const isPeer = (name: string): boolean =>
    sharedByAll.test(name) ||
    neededWithoutImport.includes(name) ||
    peerDependenciesMeta[name]?.optional === true;
  const named = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  const code = [...files].filter(([path]) => /\.(js|mjs|cjs|d\.ts)$/.test(path) && !isTemplate(path));
  const imported = new Set(code.flatMap(([, text]) => packagesIn(text)));
  imported.delete(manifest.name);
  const used = new Set([...imported, ...sources.flatMap(packagesIn), ...neededWithoutImport]);
  const wrongPlace = [
    ...Object.keys(dependencies).filter((name) => sharedByAll.test(name)),
    ...Object.keys(peerDependencies).filter((name) => !isPeer(name)),
  ];
  return [
    ...[...imported].filter((name) => !named.has(name)).map((name) => `imports ${name} and doesn't name it`),
    ...[...named].filter((name) => !used.has(name)).map((name) => `names ${name} and doesn't import it`),
    ...wrongPlace.map((name) => `${name} is in the wrong list of dependencies`),
  ];
}

/** The packages that a module imports, in whatever way, without Node's own. */
function packagesIn(text: string): string[] {
  const statements = [
    /^\s*(?:import|export)\b[^;'"`]*?from\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require|require\.resolve)\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  const specifiers = statements.flatMap((statement) => [...text.matchAll(statement)].map(([, name]) => name));
  return specifiers
    .filter((name) => !/^(\.|node:|#|\/)/.test(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
