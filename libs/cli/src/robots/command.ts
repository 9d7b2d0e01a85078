import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { findLauncher } from '../dev/dev-file.js';
import { type PlayAsRobot, RobotTeam } from './robot-team.js';

export interface RobotsOptions {
  game: string;
  players: number;
  seconds: number;
  url?: string;
}

const tellEveryMs = 5_000;

/** `ccgame robots`: guests who play a game, and what they counted. */
export function robotsCommand(): Command {
  return new Command('robots')
    .description('lets guests play a game by its own src/robot.ts, and tells what they counted')
    .option('--game <folder>', 'the folder with src/robot.ts', 'game')
    .option('--players <count>', 'how many', wholeNumber, 20)
    .option('--seconds <seconds>', 'for how long', wholeNumber, 60)
    .option('--url <url>', 'the public address (default: that of the "npm start" that runs here)')
    .action(async (options: RobotsOptions) => console.log(await runRobots(process.cwd(), options)));
}

/** Gives what they counted, a line a name. @throws Error in a sentence */
export async function runRobots(
  root: string,
  { game, players, seconds, url }: RobotsOptions,
): Promise<string> {
  const playAsRobot = await loadRobot(root, game);
  const team = new RobotTeam(url ?? (await urlHere(root)), playAsRobot);
  await team.addPlayers(players);
  console.log(`${players} robots play for ${seconds} s`);
  const clock = setInterval(() => console.log(`\n${team.notes.toString()}`), tellEveryMs);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  clearInterval(clock);
  await team.stopPlaying();
  return `\n${team.notes.toString()}`;
}

/** @throws Error in a sentence when the game has no robot */
export async function loadRobot(root: string, game: string): Promise<PlayAsRobot> {
  const file = join(root, 'dist', game, 'src', 'robot.js');
  if (!existsSync(file)) throw new Error(`${game} has no src/robot.ts, or it is not built yet.${hint(root)}`);
  const { playAsRobot } = (await import(pathToFileURL(file).href)) as { playAsRobot?: PlayAsRobot };
  if (!playAsRobot) throw new Error(`${game}/src/robot.ts exports no function playAsRobot.`);
  return playAsRobot;
}

/** A fresh clone has no robot in `game`, but in the example. */
function hint(root: string): string {
  const example = join('examples', 'arena');
  return existsSync(join(root, 'dist', example, 'src', 'robot.js')) ? ` --game ${example} has one.` : '';
}

async function urlHere(root: string): Promise<string> {
  const found = await findLauncher(root);
  if (found.state === 'answers') return found.dev.publicUrl;
  throw new Error('Nothing was started here by "npm start"; start it, or say --url.');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return number;
}
