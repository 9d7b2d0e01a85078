import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitPrinted } from './exit-printed.js';
import { paint } from './paint.js';
import { paintHelp } from './paint-help.js';
import { refuseBeginning } from './refuse-beginning.js';

interface Group {
  name: string;
  description: string;
  /** Brings the code of this group alone, which takes most of a start. */
  load: () => Promise<Command>;
}

const groups: Group[] = [
  ...[
    ['start', 'installs, builds and starts the whole backend on this machine, and plays a game on it'],
    ['dev', 'starts it from the sources, and replaces the servers that a change concerns'],
    ['test', 'installs, builds and runs the tests'],
    ['build', 'compiles and bundles what has changed'],
  ].map(([name = '', description = '']) => earlyGroup(name, description)),
  {
    name: 'new',
    description: 'adds a server type, a handler, a room, an entity or a job to the game',
    load: async () => (await import('./new/command.js')).newCommand(),
  },
  {
    name: 'asyncapi',
    description: 'writes the socket API of the built game as an AsyncAPI 3 document, in JSON',
    load: async () => (await import('./asyncapi/command.js')).asyncapiCommand(),
  },
  {
    name: 'release',
    description: 'deploys versions side by side, and moves players between them',
    load: async () => (await import('./release/command.js')).releaseCommand(),
  },
  operatorGroup('players', 'finds players, and acts on them'),
  operatorGroup('sessions', 'counts connected players, by connector and version'),
  operatorGroup('rooms', 'lists rooms, the oldest first'),
  operatorGroup('servers', 'lists servers: those that should run and those that answer'),
  operatorGroup('tickets', "counts open tickets, or says why a player's is not matched"),
  {
    name: 'backup',
    description: 'copies all that NATS stores for the game into a new folder',
    load: async () => (await import('./backup/command.js')).backupCommand(),
  },
  {
    name: 'restore',
    description: 'writes a backup into NATS again, while no server runs',
    load: async () => (await import('./backup/command.js')).restoreCommand(),
  },
  {
    name: 'observe',
    description:
      'runs Prometheus on the servers that "npm start" runs here, with the alarms of k8s/observability',
    load: async () => (await import('./observe/command.js')).observeCommand(),
  },
  {
    name: 'robots',
    description: 'lets guests play a game by its own src/robot.ts, and tells what they counted',
    load: async () => (await import('./robots/command.js')).robotsCommand(),
  },
  {
    name: 'secrets',
    description: 'makes the secrets of a game',
    load: async () => (await import('./secrets/command.js')).secretsCommand(),
  },
  {
    name: 'token-key',
    description: 'makes a key that signs players’ tokens, and prints it with its public half',
    load: async () => (await import('./token-key.js')).tokenKeyCommand(),
  },
];

const examples = `
Examples:
  ccgame dev --inspect matching
  ccgame new server lobby
  ccgame release deploy 1.0.0001
  ccgame players find anna --json
"ccgame <command> --help" has those of each command.`;

/** The `ccgame` command. Problems are a sentence on stderr and exit code 1. */
export async function main(args: string[]): Promise<void> {
  const program = await ccgameCommand(args);
  try {
    refuseBeginning(program, args);
    await program
      .version(packageVersion(), '-v, --version', 'the version of ccgame')
      .parseAsync(args, { from: 'user' });
    await exitPrinted(0);
  } catch (error) {
    const { explainProblem } = await import('./dev/problem.js');
    process.stderr.write(`${paint('red', explainProblem(error), process.stderr)}\n`);
    await exitPrinted(1);
  }
}

/** The command with its subcommands and their options. @param args where they are given: groups that they don't name stay empty */
export async function ccgameCommand(args?: string[]): Promise<Command> {
  const program = new Command('ccgame')
    .description('Develops and operates a ccgame backend.')
    .addHelpText('after', examples);
  for (const { name, description, load } of groups) {
    const command = args && !args.includes(name) ? new Command(name) : await load();
    if (command.description() === '') command.description(description);
    program.addCommand(command.summary(description));
  }
  paintHelp(program);
  return program;
}

function earlyGroup(name: string, description: string): Group {
  const load = async (): Promise<Command> => {
    const { earlyCommands } = await import('./early-commands.js');
    return earlyCommands.get(name)?.() ?? new Command(name);
  };
  return { name, description, load };
}

function operatorGroup(name: string, description: string): Group {
  const load = async (): Promise<Command> => {
    const { operatorCommands } = await import('./operate/commands.js');
    return operatorCommands().find((command) => command.name() === name) ?? new Command(name);
  };
  return { name, description, load };
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
