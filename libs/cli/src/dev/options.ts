import { Command, InvalidArgumentError } from 'commander';
import { isVersion } from '@ccgame/config';

export interface DevOptions {
  /** Exit after the game. */
  once: boolean;
  /** Every version runs side by side, and a game is played on each; the first is the stable one. */
  versions: string[];
  /** The public port. */
  port: number;
  /** Connectors a version. */
  connectors: number;
}

export function parseDevOptions(args: string[]): DevOptions {
  return new Command('npm start --')
    .description('Starts the whole backend on this machine and plays a real game on it.')
    .option('--once', 'exit after the game: 0 when it worked, 1 when it did not', false)
    .option('--versions <versions>', 'the versions to run side by side, by comma', versions, ['1.0.0000'])
    .option('--port <port>', 'the public port', wholeNumber, 3000)
    .option('--connectors <count>', 'connectors of each version', wholeNumber, 1)
    .parse(args, { from: 'user' })
    .opts<DevOptions>();
}

function versions(text: string): string[] {
  const list = [...new Set(text.split(',').map((one) => one.trim()))];
  const wrong = list.find((version) => !isVersion(version));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`A version looks like 1.0.0000, not ${JSON.stringify(wrong)}.`);
  return list;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65535)
    throw new InvalidArgumentError('Expected a whole number.');
  return number;
}
