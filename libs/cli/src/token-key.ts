import { Command } from 'commander';
import { makeTokenKey } from '@ccgame/config';
import { examplesText } from './examples-text.js';

/** `ccgame token-key`: the two texts that a new key for players' tokens is made of. */
export function tokenKeyCommand(): Command {
  return new Command('token-key')
    .argument('[kid]', 'the name of the key', new Date().toISOString().slice(0, 10))
    .option('--beside <jwks>', 'the TOKEN_PUBLIC_KEYS in use: the new key is put behind them', '{"keys":[]}')
    .addHelpText('after', examplesText(['token-key', 'token-key 2026-12 --beside "$TOKEN_PUBLIC_KEYS"']))
    .action((kid: string, { beside }: { beside: string }) => {
      const { signingKey, publicKey } = makeTokenKey(kid);
      const { keys } = JSON.parse(beside) as { keys: unknown[] };
      process.stdout.write(`TOKEN_SIGNING_KEY=${signingKey}\n`);
      process.stdout.write(`TOKEN_PUBLIC_KEYS=${JSON.stringify({ keys: [...keys, publicKey] })}\n`);
    });
}
