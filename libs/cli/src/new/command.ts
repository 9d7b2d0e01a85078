import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { GameChanges } from './game-changes.js';
import { addHandler, type NewHandlerOptions } from './new-handler.js';
import { addJob } from './new-job.js';
import { addServer, type NewServerOptions } from './new-server.js';

/** `ccgame new …`: writes into the game's repository what a server type, a handler or a job needs, in the cluster too. */
export function newCommand(): Command {
  const server = new Command('server')
    .description('a server type: its app, a test, its NATS user and its manifests')
    .argument('<type>', 'one lower-case word, such as chat')
    .option('--stateful', 'a StatefulSet that nobody scales, for servers that own something', false)
    .addHelpText('after', examplesText(['new server lobby', 'new server rooms --stateful']))
    .action((type: string, options: NewServerOptions) => {
      writeChanges((changes) => addServer(changes, type, options));
      console.log(`Next: npx ccgame new handler ${type}.<name>`);
      if (existsSync(join('k8s', 'secrets', 'secrets.yaml')))
        console.log(
          `k8s/secrets/secrets.yaml is there already: add the address and both passwords of ${type} as in example-secrets.yaml, apply it and k8s/nats/accounts, and let NATS read them (nats-server --signal reload).`,
        );
    });
  const handler = new Command('handler')
    .description('a handler of a server type: its contract, a method and a test')
    .argument('<route>', 'server type and name, such as chat.greet')
    .option('--server', 'for servers alone, not for players', false)
    .addHelpText('after', examplesText(['new handler chat.greet', 'new handler chat.purge --server']))
    .action((route: string, options: NewHandlerOptions) =>
      writeChanges((changes) => addHandler(changes, route, options)),
    );
  const job = new Command('job')
    .description('a job of the cron app: its class, a test, its script and its CronJob')
    .argument('<name>', 'such as sendMail')
    .addHelpText('after', examplesText(['new job sendMail']))
    .action((name: string) => writeChanges((changes) => addJob(changes, name)));
  return new Command('new').addCommand(server).addCommand(handler).addCommand(job);
}

function writeChanges(add: (changes: GameChanges) => void): void {
  const changes = new GameChanges(process.cwd());
  add(changes);
  for (const path of changes.writeFiles()) console.log(`  ${path}`);
}
