import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { importBuilt } from '../game-files.js';
import { versionArgument } from '../release/options.js';
import { type SocketContracts, socketDocument, type SocketDocumentHead } from '@ccgame/protocol';

interface AsyncapiOptions extends Omit<SocketDocumentHead, 'version'> {
  apiVersion: string;
  game: string;
  out?: string;
}

/** `ccgame asyncapi`: what players may send and get over their socket, for tools that read AsyncAPI. */
export function asyncapiCommand(): Command {
  return new Command('asyncapi')
    .description('writes the socket API of the built game as an AsyncAPI 3 document, in JSON')
    .option('--game <folder>', 'the folder with src/contracts.ts', 'game')
    .option('--title <title>', 'the title of the document', 'ccgame')
    .option('--api-version <version>', 'the version of the game', versionArgument, '1.0.0000')
    .option('--host <host>', "the host name in the sockets' address", 'play.example.com')
    .option('--out <file>', 'where it is written (default: to standard output)')
    .addHelpText(
      'after',
      examplesText(['asyncapi --out asyncapi.json', 'asyncapi --title "My game" --api-version 1.0.0001']),
    )
    .action(async ({ game, out, apiVersion: version, ...head }: AsyncapiOptions) => {
      const document = socketDocument(await loadContracts(process.cwd(), game), { ...head, version });
      const text = `${JSON.stringify(document, null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else writeFileSync(out, text);
    });
}

/** @throws Error in a sentence when the game has none, or is not built */
async function loadContracts(root: string, game: string): Promise<SocketContracts> {
  const file = join(root, 'dist', game, 'src', 'contracts.js');
  if (!existsSync(file)) throw new Error(`${game} has no src/contracts.ts, or it is not built yet.`);
  const { clientHandlers, pushes } = await importBuilt<SocketContracts>(file);
  if (clientHandlers && pushes) return { clientHandlers, pushes };
  throw new Error(`${game}/src/contracts.ts exports no clientHandlers, or no pushes.`);
}
