import { spawnSync } from 'node:child_process';

/** @throws Error that says what is missing, or what the command said */
export function runOrThrow(command: string, args: string[]): void {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 });
  if (error) throw new Error(`${command} can't be run here (${error.message})`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
