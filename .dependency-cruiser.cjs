// The allowed imports (docs/architecture.md). libs/testing/src/dependency-rules.spec.ts plants violations.
const base = ['config', 'nats', 'jetstream', 'rpc', 'protocol', 'server'];
const platform = [...base, 'sessions', 'releases', 'ownership', 'http'];
/** The libraries that each library may import. One that isn't named is the studio's own: it may import all of them. */
const mayImport = {
  config: [],
  nats: ['config'],
  jetstream: ['rpc', 'nats', 'config'],
  rpc: ['nats', 'config'],
  protocol: ['rpc'],
  server: ['releases', 'protocol', 'jetstream', 'rpc', 'nats', 'config'],
  sessions: ['ownership', 'protocol', 'jetstream', 'rpc', 'nats', 'config'],
  releases: ['protocol', 'jetstream', 'rpc', 'nats', 'config'],
  ownership: ['jetstream', 'rpc', 'nats', 'config', 'server'],
  entities: [...base, 'sessions', 'releases', 'ownership'],
  http: [...base, 'sessions', 'releases'],
  edge: platform,
  matchmaker: platform,
  accounts: platform,
  leaderboards: [...platform, 'entities'],
  'match-results': [...platform, 'matchmaker', 'leaderboards'],
  client: ['protocol'],
  testing: ['config'],
};
const isTest = '\\.(spec|e2e)\\.ts$|/test/';
const everything = '^(apps|game|examples|libs|proof|bench)/';
const libraries = (names) => names.map((name) => `^libs/${name}/`);

const layers = Object.entries(mayImport).map(([name, others]) => ({
  name: `${name}-imports-what-is-below-it`,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: isTest },
  to: { path: everything, pathNot: libraries([name, ...others]) },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'an-app-never-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-library-imports-an-app-or-a-game',
      severity: 'error',
      from: { path: '^libs/', pathNot: isTest },
      to: { path: '^(apps|game|examples|proof|bench)/' },
    },
    {
      name: 'a-game-imports-libraries',
      severity: 'error',
      from: { path: '^(game|examples)/' },
      to: { path: '^(apps|proof|bench)/' },
    },
    {
      name: 'an-example-imports-no-game',
      severity: 'error',
      from: { path: '^examples/([^/]+)/' },
      to: { path: '^(game|examples)/', pathNot: '^examples/$1/' },
    },
    {
      name: 'a-library-is-imported-by-its-name',
      severity: 'error',
      from: { path: '^(apps|game|examples|libs/([^/]+))/', pathNot: isTest },
      to: { path: '^libs/', pathNot: ['^libs/$2/', '^libs/[^/]+/src/(index|[a-z-]+/index)\\.ts$', '/dist/'] },
    },
    ...layers,
    {
      name: 'client-knows-only-types',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: isTest },
      to: { path: everything, pathNot: '^libs/client/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { path: '^(apps|game|examples|libs)/', pathNot: `${isTest}|^libs/(testing|cli)/` },
      to: { path: `${isTest}|^libs/testing/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The bench's twin on Colyseus is installed by the bench, in its own folder.
    exclude: { path: '(^|/)dist/|^bench/rooms/colyseus/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ccgame/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
  },
};
