import type { Config } from 'jest';

declare const preset: Config & { testEnvironmentOptions: { customExportConditions: string[] } };
export = preset;
