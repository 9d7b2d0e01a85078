import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DescribedServer } from './described-server.js';

/** From PyPI, MIT licence: https://github.com/schemathesis/schemathesis */
const version = '4.32.5';

export interface SchemathesisOptions {
  /** Requests that are made up for each operation. */
  examples: number;
  seed: number;
  /** Values of path parameters; those left out are made up. */
  parameters: Record<string, string>;
}

/**
 * The program, installed into a virtual environment under `.ccgame/` the first time.
 *
 * @throws Error where there is no python3 from 3.10 on, or PyPI can't be reached
 */
export function installSchemathesis(): string {
  const folder = resolve('.ccgame', `schemathesis-${version}`);
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  runOrThrow('python3', ['-m', 'venv', folder]);
  runOrThrow(join(folder, 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `schemathesis==${version}`,
  ]);
  return program;
}

/** Whether all checks passed and every operation was reached. Prints what schemathesis says. */
export function runSchemathesis(
  program: string,
  { address, tokens }: DescribedServer,
  { examples, seed, parameters }: SchemathesisOptions,
): boolean {
  const folder = resolve('.ccgame', 'openapi');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'schemathesis.toml');
  writeFileSync(config, configOf(tokens, parameters));
  const options = ['--checks', 'all', '--max-examples', String(examples), '--seed', String(seed)];
  const args = ['--config-file', config, 'run', `${address}/docs-json`, ...options, '--continue-on-failure'];
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', cwd: folder });
  if (error) throw error;
  return status === 0;
}

/** TOML. A planted name that is not there is a fault of this proof. */
function configOf(tokens: DescribedServer['tokens'], parameters: Record<string, string>): string {
  const planted = Object.entries(parameters).map(([name, value]) => `"path.${name}" = "${value}"`);
  return [
    ...(planted.length > 0 ? ['[warnings]', 'fail-on = ["missing_test_data"]'] : []),
    ...Object.entries(tokens).flatMap(([scheme, token]) => [
      `[auth.openapi.${scheme}]`,
      `bearer = "${token}"`,
    ]),
    '[parameters]',
    ...planted,
    '',
  ].join('\n');
}

function runOrThrow(program: string, args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`);
}
