import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { examplesText } from '../examples-text.js';
import { importBuilt } from '../game-files.js';
import { wholeArgument } from '../number-argument.js';
import { findLauncher } from '../dev/dev-file.js';
import { expectJson, printNote, printResult } from '../release/print-note.js';
import type { RobotNotes } from './robot-notes.js';
import { type PlayAsRobot, RobotTeam } from './robot-team.js';

/** The options of `ccgame robots`. */
export interface RobotsOptions {
  game?: string;
  players: number;
  seconds: number;
  url?: string;
}

const tellEveryMs = 5_000;

/** `ccgame robots`: guests who play a game, and what they counted. */
export function robotsCommand(): Command {
  return new Command('robots')
    .option('--game <folder>', 'the folder with src/robot.ts (default: the only one that has one)')
    .option('--players <count>', 'how many', upTo(100_000), 20)
    .option('--seconds <seconds>', 'for how long', upTo(7 * 86_400), 60)
    .option('--url <url>', 'the public address (default: that of the "npm start" that runs here)', webAddress)
    .option('--json', 'one JSON value on stdout', false)
    .addHelpText('after', examplesText(['robots --players 50', 'robots --seconds 30 --json']))
    .action(async (options: RobotsOptions & { json: boolean }) => {
      expectJson(options.json);
      const notes = await runRobots(process.cwd(), options);
      const { players, seconds } = options;
      printResult({ players, seconds, ...notes.summarize() }, `\n${notes.toString()}`);
    });
}

/** Gives what they counted. @throws Error in a sentence */
export async function runRobots(
  root: string,
  { game, players, seconds, url }: RobotsOptions,
): Promise<RobotNotes> {
  const playAsRobot = await loadRobot(root, game ?? findGame(root));
  const team = new RobotTeam(url ?? (await urlHere(root)), playAsRobot);
  await team.addPlayers(players);
  printNote(`${players} robots play for ${seconds} s`);
  const clock = setInterval(() => printNote(`\n${team.notes.toString()}`), tellEveryMs);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  clearInterval(clock);
  await team.stopPlaying();
  return team.notes;
}

/** @throws Error in a sentence when the game has no robot */
export async function loadRobot(root: string, game: string): Promise<PlayAsRobot> {
  const file = join(root, 'dist', game, 'src', 'robot.js');
  if (!existsSync(file)) throw new Error(`${game} has no src/robot.ts, or it is not built yet.${hint(root)}`);
  const { playAsRobot } = await importBuilt<{ playAsRobot: PlayAsRobot }>(file);
  if (typeof playAsRobot !== 'function')
    throw new Error(`${game}/src/robot.ts exports no function playAsRobot.`);
  return playAsRobot;
}

/** The game's own robot, else that of the only example with one. @throws Error that names the folders with one */
function findGame(root: string): string {
  const found = foldersWithRobots(root);
  const [first] = found;
  if (first !== undefined && (first === 'game' || found.length === 1)) return first;
  if (found.length > 1)
    throw new Error(`Several games have robots: say --game ${found.join(' or --game ')}.`);
  throw new Error('No game here has a src/robot.ts, or none is built yet: "npm run build" does that.');
}

function foldersWithRobots(root: string): string[] {
  const examples = join(root, 'dist', 'examples');
  const names = existsSync(examples) ? readdirSync(examples).sort() : [];
  return ['game', ...names.map((name) => join('examples', name))].filter((folder) =>
    existsSync(join(root, 'dist', folder, 'src', 'robot.js')),
  );
}

function hint(root: string): string {
  const found = foldersWithRobots(root);
  return found.length > 0
    ? ` ${found.join(' and ')} ${found.length === 1 ? 'has' : 'have'} one: --game ${found[0]}`
    : '';
}

async function urlHere(root: string): Promise<string> {
  const found = await findLauncher(root);
  if (found.state === 'answers') return found.dev.publicUrl;
  throw new Error('Nothing was started here by "npm start"; start it, or say --url.');
}

function webAddress(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('An address looks like https://play.example.com.');
  return text.replace(/\/$/, '');
}

const upTo =
  (max: number) =>
  (text: string): number =>
    wholeArgument(text, { min: 1, max, expected: `Expected a whole number from 1 to ${max}.` });
