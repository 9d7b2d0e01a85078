import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { GameChanges } from './game-changes.js';
import { addEntity, addRoom, type NewEntityOptions } from './new-entity.js';
import { addHandler, type NewHandlerOptions } from './new-handler.js';
import { addJob } from './new-job.js';
import { expectJson, printResult } from '../release/print-note.js';
import { addServer, type NewServerOptions } from './new-server.js';

interface JsonOption {
  json: boolean;
}

/** `ccgame new …`: writes into the game's repository what a server type, a handler or a job needs, in the cluster too. */
export function newCommand(): Command {
  const server = newSubcommand('server', 'a server type: its app, a test, its NATS user and its manifests')
    .argument('<type>', 'one lower-case word, such as chat')
    .option('--stateful', 'a StatefulSet that nobody scales, for servers that own something', false)
    .addHelpText('after', examplesText(['new server lobby', 'new server rooms --stateful']))
    .action((type: string, options: NewServerOptions & JsonOption) =>
      writeChanges(options, (changes) => addServer(changes, type, options), stepsAfterServer(type)),
    );
  const handler = newSubcommand('handler', 'a handler of a server type: its contract, a method and a test')
    .argument('<route>', 'server type and name, such as chat.greet')
    .option('--server', 'for servers alone, not for players', false)
    .addHelpText('after', examplesText(['new handler chat.greet', 'new handler chat.purge --server']))
    .action((route: string, options: NewHandlerOptions & JsonOption) =>
      writeChanges(options, (changes) => addHandler(changes, route, options)),
    );
  const room = newSubcommand('room', 'a room of a server type: its contract, its class, the way in, a test')
    .argument('<kind>', 'server type and name, such as dice.table')
    .addHelpText('after', examplesText(['new room dice.table']))
    .action((kind: string, options: JsonOption) =>
      writeChanges(options, (changes) => addRoom(changes, kind)),
    );
  const entity = newSubcommand(
    'entity',
    'an entity: each player has one, such as a profile, or it has an id of its own',
  )
    .argument('<kind>', 'server type and name, such as chat.profile')
    .option('--keyed', 'with an id of its own that a player makes up, such as a clan', false)
    .addHelpText('after', examplesText(['new entity chat.profile', 'new entity chat.clan --keyed']))
    .action((kind: string, options: NewEntityOptions & JsonOption) =>
      writeChanges(options, (changes) => addEntity(changes, kind, options)),
    );
  const job = newSubcommand('job', 'a job of the cron app: its class, a test, its script and its CronJob')
    .argument('<name>', 'such as sendMail')
    .addHelpText('after', examplesText(['new job sendMail']))
    .action((name: string, options: JsonOption) => writeChanges(options, (changes) => addJob(changes, name)));
  return new Command('new')
    .addCommand(server)
    .addCommand(handler)
    .addCommand(room)
    .addCommand(entity)
    .addCommand(job);
}

function newSubcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'lists the files as one JSON value', false);
}

/** Its password is in no file that this writes: NATS would not start in a cluster that gets the accounts alone. */
const stepsAfterServer = (type: string): string[] => [
  `Next: npx ccgame new handler ${type}.<name>`,
  `A cluster that runs needs the passwords of ${type} before k8s/nats/accounts is applied there: "npx ccgame secrets add" makes them.`,
];

function writeChanges({ json }: JsonOption, add: (changes: GameChanges) => void, next: string[] = []): void {
  expectJson(json);
  if (!existsSync('apps'))
    throw new Error(`There is no apps/ in ${process.cwd()}: run the command in the game's folder.`);
  const changes = new GameChanges(process.cwd());
  add(changes);
  const files = changes.writeFiles();
  printResult({ files, next }, [...files.map((path) => `  ${path}`), ...next].join('\n'));
}
