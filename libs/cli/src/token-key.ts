import { Command } from 'commander';
import { makeTokenKey } from '@ccgame/config';
import { examplesText } from './examples-text.js';
import { expectJson, printResult } from './release/print-note.js';

/** `ccgame token-key`: the two texts that a new key for players' tokens is made of. */
export function tokenKeyCommand(): Command {
  return new Command('token-key')
    .argument('[kid]', 'the name of the key', new Date().toISOString().slice(0, 10))
    .option('--beside <jwks>', 'the TOKEN_PUBLIC_KEYS in use: the new key is put behind them', '{"keys":[]}')
    .option('--json', 'prints both as one JSON value', false)
    .addHelpText('after', examplesText(['token-key', 'token-key 2026-12 --beside "$TOKEN_PUBLIC_KEYS"']))
    .action((kid: string, { beside, json }: { beside: string; json: boolean }) => {
      expectJson(json);
      const { signingKey, publicKey } = makeTokenKey(kid);
      const { keys } = JSON.parse(beside) as { keys: unknown[] };
      const publicKeys = JSON.stringify({ keys: [...keys, publicKey] });
      printResult(
        { TOKEN_SIGNING_KEY: signingKey, TOKEN_PUBLIC_KEYS: publicKeys },
        `TOKEN_SIGNING_KEY=${signingKey}\nTOKEN_PUBLIC_KEYS=${publicKeys}`,
      );
    });
}
