// Who may import whom (docs/architecture.md). libs/testing/src/dependency-rules.spec.ts plants violations.
const lib = (...names) => `^libs/(${names.join('|')})/`;
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.(spec|e2e)\\.ts$|/test/' },
  to: { path: '^(apps|libs|cli|bench)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'an-app-never-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    only('config-imports-nothing', '^libs/config/', []),
    only('rpc-imports-config', '^libs/rpc/', [lib('config')]),
    only('contracts-import-rpc', '^libs/contracts/', [lib('rpc', 'config')]),
    only('sessions-import-contracts-and-rpc', '^libs/sessions/', [lib('contracts', 'rpc', 'config')]),
    only('releases-import-contracts-and-rpc', '^libs/releases/', [lib('contracts', 'rpc', 'config')]),
    only('server-imports-rpc', '^libs/server/', [lib('rpc', 'config')]),
    only('apps-import-libraries', '^apps/', [
      '^apps/',
      lib('server', 'sessions', 'releases', 'contracts', 'rpc', 'config'),
    ]),
    {
      name: 'client-knows-only-the-types-of-contracts',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: '\\.(spec|e2e)\\.ts$' },
      to: { path: '^(apps|libs|cli|bench)/', pathNot: '^libs/client/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-imports-only-contracts',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: '\\.(spec|e2e)\\.ts$' },
      to: { path: '^(apps|libs|cli|bench)/', pathNot: ['^libs/client/', lib('contracts')] },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.(spec|e2e)\\.ts$|/test/|^libs/testing/' },
      to: { path: '\\.(spec|e2e)\\.ts$|/test/|^libs/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.depcruise.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
  },
};
