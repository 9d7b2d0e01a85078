const { availableParallelism } = require('node:os');
const { join } = require('node:path');

// Nest 12, jose and ccgame are ESM alone; Jest runs CommonJS, so swc rewrites them too.
const esmPackages = ['@ccgame', '@nestjs', 'jose'];

const cores = availableParallelism();

/** How ccgame tests: TypeScript and ESM through swc, the game's own `imports` from the sources, end-to-end files first. */
module.exports = {
  // Jest keeps what it transformed by this, and by a number of the folder without it: a copy of a game, as tests make one, would begin anew.
  id: 'ccgame',
  testEnvironment: join(__dirname, 'jest-environment.cjs'),
  testEnvironmentOptions: { customExportConditions: ['@game/source', 'node', 'node-addons'] },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/.ccgame/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.ccgame/'],
  testRegex: '\\.(spec|e2e)\\.ts$',
  setupFiles: [require.resolve('reflect-metadata'), join(__dirname, 'dist', 'quiet-logs.js')],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.(ts|js)$': [
      require.resolve('@swc/jest'),
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'commonjs', importInterop: 'node' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  testSequencer: join(__dirname, 'slow-first.cjs'),
  // Most of these tests wait for servers, so they take some workers more than there are cores: six on two.
  maxWorkers: Math.min(cores * 2 + 2, cores + 4),
  cacheDirectory: '<rootDir>/.ccgame/jest',
  testTimeout: 120_000,
};
