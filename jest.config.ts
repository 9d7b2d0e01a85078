/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// Nest 12 and jose are ESM-only; Jest runs CommonJS, so swc rewrites it too.
const esmPackages = ['@nestjs', 'jose'];

const config: Config = {
  testEnvironment: 'node',
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/.ccgame/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/[^/]+/dist/', '<rootDir>/.ccgame/'],
  testRegex: '\\.(spec|e2e)\\.ts$',
  setupFiles: ['reflect-metadata', '<rootDir>/libs/testing/src/quiet-logs.ts'],
  moduleNameMapper: {
    '^@ccgame/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^#game/(.*)\\.js$': '<rootDir>/game/src/$1',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
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
  testSequencer: '<rootDir>/libs/testing/src/slow-first.cjs',
  // Jest leaves a core free; most of these tests wait for servers, so two cores do well with two workers.
  maxWorkers: '100%',
  cacheDirectory: '<rootDir>/.ccgame/jest',
  testTimeout: 120_000,
};

export default config;
