/** @jest-config-loader esbuild-register */
import { join } from 'node:path';
import type { Config } from 'jest';
import preset from './libs/testing/jest-preset.cjs';

/** A game's, with the libraries from their sources. */
const config: Config = {
  ...preset,
  testEnvironmentOptions: {
    customExportConditions: ['@ccgame/source', ...preset.testEnvironmentOptions.customExportConditions],
  },
  // The servers that test files start (decision 440).
  globals: {
    ccgameRunner: [
      join(process.cwd(), 'libs', 'testing', 'compiled-server.cjs'),
      join(process.cwd(), '.ccgame', 'compiled-servers'),
    ],
  },
  runtime: '<rootDir>/libs/testing/jest-runtime.cjs',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/[^/]+/dist/', '<rootDir>/.ccgame/'],
  setupFiles: ['reflect-metadata', '<rootDir>/libs/testing/src/quiet-logs.ts'],
  moduleNameMapper: {
    '^@ccgame/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@ccgame/([a-z-]+)/([a-z-]+)$': '<rootDir>/libs/$1/src/$2/index.ts',
    ...preset.moduleNameMapper,
  },
};

export default config;
