import { Command, InvalidArgumentError, Option } from 'commander';
import { isVersion } from '@ccgame/config';
import { linesOfExamples } from '../examples-text.js';
import { wholeArgument } from '../number-argument.js';
import { findPrometheus } from '../observe/find-prometheus.js';

/** A version and the code that it is made of: a git ref or a folder; left out: what is built in the game's folder. */
export interface WantedVersion {
  version: string;
  source?: string;
}

/** The options of `npm start` and `npm run dev`. */
export interface DevOptions {
  /** Exit after the game. */
  once: boolean;
  /** Every version runs side by side, and a game is played on each; the first is the stable one. */
  versions: WantedVersion[];
  /** The public port. */
  port: number;
  /** Servers a version, by type; those that aren't named are as usual. */
  servers: Record<string, number>;
  /** The port of the debugger, by server type. */
  inspect: Record<string, number>;
  /** The port of a Prometheus that runs beside it; left out: none runs. */
  observe?: number;
}

/** `dev` watches the game's sources, and plays no game. */
export type DevCommand = 'start' | 'dev';

const firstInspectPort = 9229;
/** One machine has no room for more. */
const mostServers = 100;

/** Reads the command line. A wrong option, and `--help`, end the process. */
export function parseDevOptions(args: string[], command: DevCommand = 'start'): DevOptions {
  const program = launcherCommand(command);
  const options = program.parse(args, { from: 'user' }).opts<DevOptions>();
  if (options.observe !== undefined) refuseWithoutPrometheus(program);
  return { ...options, once: options.once ?? false };
}

const about = {
  start: 'Starts the whole backend on this machine and plays a real game on it.',
  dev: 'Starts the whole backend on this machine, and replaces at each change of a source the servers that it concerns.',
};
const usual = 'as in package.json, else one of each';
const examples = {
  start: [
    'npm start -- --once',
    'npm start -- --versions 1.0.0000,1.0.0001=my-branch',
    'npm start -- --port 3100 --servers connector=1',
  ],
  dev: ['npm run dev -- --inspect matching', 'npm run dev -- --inspect matching=9300,http'],
};

/** The command as a person types it, with its options. It does nothing by itself. */
export function launcherCommand(command: DevCommand): Command {
  const typed = command === 'dev' ? 'npm run dev -- [options]' : 'npm start -- [options]';
  const program = new Command(command)
    .configureHelp({ commandUsage: () => typed })
    .description(about[command])
    .addHelpText('after', linesOfExamples(examples[command]));
  if (command === 'start')
    program.option('--once', 'exit after the game: 0 when it worked, 1 when it did not', false);
  return program
    .addOption(
      new Option(
        '--versions <versions>',
        'the versions to run side by side, by comma; 1.0.0001=<git ref or folder> for other code',
      )
        .argParser(versions)
        .default([{ version: '1.0.0000' }], '1.0.0000'),
    )
    .option('--port <port>', 'the public port', portNumber, 3000)
    .addOption(
      new Option(
        '--servers <counts>',
        'how many of a type each version has, by comma: connector=2,matching=2',
      )
        .argParser(countsOf)
        .default({}, command === 'dev' ? 'one of each' : usual),
    )
    .addOption(
      new Option(
        '--inspect <types>',
        `the server types that a debugger may attach to, by comma: matching (port ${firstInspectPort}), matching=9300`,
      )
        .argParser(inspectPorts)
        .default({}, 'none'),
    )
    .addOption(
      new Option('--observe [port]', 'run Prometheus beside it, with the alarms of k8s/observability')
        .preset('9090')
        .argParser(portNumber),
    );
}

/** Before anything is compiled. */
function refuseWithoutPrometheus(program: Command): void {
  try {
    findPrometheus();
  } catch (error) {
    program.error((error as Error).message);
  }
}

function inspectPorts(text: string): Record<string, number> {
  const expected = 'Expected server types, each once and with a port of its own, like matching,http=9300.';
  const asked = byType(text, expected).map(([type, port = ''], index): [string, number] => [
    type,
    port === '' ? firstInspectPort + index : portNumber(port),
  ]);
  if (new Set(asked.map(([, port]) => port)).size < asked.length) throw new InvalidArgumentError(expected);
  return Object.fromEntries(asked);
}

function versions(text: string): WantedVersion[] {
  const list = [...new Set(text.split(',').map((one) => one.trim()))].map(wantedVersion);
  const names = list.map(({ version }) => version);
  const twice = names.find((version, index) => names.indexOf(version) !== index);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} has the code of one place, not of two.`);
  return list;
}

function wantedVersion(text: string): WantedVersion {
  const [version = '', ...source] = text.split('=');
  if (!isVersion(version))
    throw new InvalidArgumentError(`A version looks like 1.0.0000, not ${JSON.stringify(version)}.`);
  if (source.length === 0) return { version };
  if (source.join('=') === '')
    throw new InvalidArgumentError(`${text} names no code: say ${version}=<git ref or folder>.`);
  return { version, source: source.join('=') };
}

/** `connector=2,matching=2` → how many, by type. @throws InvalidArgumentError */
export function countsOf(text: string): Record<string, number> {
  const expected = `Expected counts from 1 to ${mostServers}, each type once, like connector=2.`;
  const range = { min: 1, max: mostServers, expected };
  return Object.fromEntries(
    byType(text, expected).map(([type, count = '']) => [type, wholeArgument(count, range)]),
  );
}

/** @throws InvalidArgumentError */
export function portNumber(text: string): number {
  return wholeArgument(text.trim(), {
    min: 0,
    max: 65_535,
    expected: 'A port is a whole number from 0 to 65535.',
  });
}

/** `connector=2,http` → names, each once, with what stands behind the sign. @throws InvalidArgumentError */
function byType(text: string, expected: string): [type: string, value: string | undefined][] {
  const pairs = text.split(',').map((one) => one.trim().split('='));
  const types = new Set(pairs.map(([type]) => type));
  if (types.has('') || types.size < pairs.length || pairs.some(({ length }) => length > 2))
    throw new InvalidArgumentError(expected);
  return pairs.map(([type = '', value]) => [type, value]);
}
