import { Command, InvalidArgumentError } from 'commander';
import { addPublicKey, isTokenKeyName, makeTokenKey } from '@ccgame/config';
import { examplesText } from './examples-text.js';
import { expectJson, printResult } from './release/print-note.js';

interface TokenKeyOptions {
  beside: string;
  json: boolean;
}

/** `ccgame token-key`: the two texts that a new key for players' tokens is made of. */
export function tokenKeyCommand(): Command {
  return new Command('token-key')
    .argument('[kid]', 'the name of the key (default: the day on which it is made)', kidArgument)
    .option('--beside <jwks>', 'the TOKEN_PUBLIC_KEYS in use: the new key is put behind them', '{"keys":[]}')
    .option('--json', 'prints both as one JSON value', false)
    .addHelpText('after', examplesText(['token-key', 'token-key 2026-12 --beside "$TOKEN_PUBLIC_KEYS"']))
    .action((kid: string | undefined, { beside, json }: TokenKeyOptions) => {
      expectJson(json);
      const { signingKey, publicKey } = makeTokenKey(kid ?? new Date().toISOString().slice(0, 10));
      const publicKeys = putBehind(beside, publicKey);
      printResult(
        { TOKEN_SIGNING_KEY: signingKey, TOKEN_PUBLIC_KEYS: publicKeys },
        `TOKEN_SIGNING_KEY=${signingKey}\nTOKEN_PUBLIC_KEYS=${publicKeys}`,
      );
    });
}

function putBehind(beside: string, publicKey: Parameters<typeof addPublicKey>[1]): string {
  try {
    return addPublicKey(beside, publicKey);
  } catch (error) {
    throw new Error(
      `No server would take the keys of --beside with the new one: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

function kidArgument(text: string): string {
  if (!isTokenKeyName(text))
    throw new InvalidArgumentError('The name of a key is 1 to 64 letters, digits, _, - and dots.');
  return text;
}
