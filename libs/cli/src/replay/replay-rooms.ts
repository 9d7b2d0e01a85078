import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReplayResult } from '@ccgame/entities';
import { buildSource } from '../versions/build-source.js';
import { findSource } from '../versions/find-source.js';
import { versionsFolder } from '../versions/version-build.js';

/** The options of `ccgame rooms replay`. */
export interface ReplayOptions {
  /** A folder with the game, or a commit, branch or tag. */
  against: string;
}

/** A recording, and the outcome of playing it. */
export interface PlayedRecording extends ReplayResult {
  head: { entity: string; id: string; version: string; at: number };
}

const extension = '.jsonl.gz';
const player = fileURLToPath(new URL('./play-in-build.js', import.meta.url));

/**
 * Plays the recordings of a room with the code of a version, up to the first where the code comes to something else.
 *
 * @param root the game's folder
 * @param room its id, or a file
 * @throws Error in sentences where there is no recording, or one can't be played
 */
export async function replayRoom(
  root: string,
  room: string,
  { against }: ReplayOptions,
  progress: (text: string) => void,
): Promise<PlayedRecording[]> {
  const files = findRecordings(root, room);
  const folder = await folderOf(root, against, progress);
  const played: PlayedRecording[] = [];
  for (const file of files) {
    played.push(await playInBuild(folder, file));
    if (played.at(-1)?.difference) break;
  }
  return played;
}

/** A line for each recording that came to the very same, and more of the first that did not. */
export function replayText(played: PlayedRecording[], room: string, against: string): string {
  const lines = played.flatMap(({ head, difference, ticks, inputs }) => {
    const about = `${head.entity} ${room} of ${head.version}, since ${new Date(head.at).toISOString()}`;
    if (!difference) return `${about}: the very same in ${against} (${ticks} ticks, ${inputs} inputs)`;
    const { tick, what, changes } = difference;
    return [`${about}: other from tick ${tick} on, ${what}:`, ...changes.map((line) => `  ${line}`)];
  });
  return lines.join('\n');
}

/** The oldest first. Servers of `npm start` have the folder of their build as their own. */
function findRecordings(root: string, room: string): string[] {
  if (statSync(room, { throwIfNoEntry: false })?.isFile()) return [resolve(room)];
  const builds = versionsFolder(root);
  const homes = [root, ...(existsSync(builds) ? readdirSync(builds).map((name) => join(builds, name)) : [])];
  const files = homes.flatMap((home) => listRecordings(join(home, '.ccgame', 'recordings'), room));
  if (files.length > 0) return files.sort((one, other) => timeIn(one) - timeIn(other));
  throw new Error(
    `There is no recording of ${room} in .ccgame/recordings. Rooms with record: true are recorded; name a file that was copied from a server.`,
  );
}

function listRecordings(folder: string, room: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(extension));
  return names.filter((name) => name.split('~')[1] === room).map((name) => join(folder, name));
}

const timeIn = (file: string): number => Number(file.slice(file.lastIndexOf('~') + 1, -extension.length));

/** The folder of the code to play against: the game's own build, or a build of other code, made once. */
async function folderOf(root: string, against: string, progress: (text: string) => void): Promise<string> {
  if (resolve(root, against) === resolve(root)) return resolve(root);
  const source = await findSource(root, against);
  return (await buildSource(root, source, progress)).folder;
}

function playInBuild(folder: string, file: string): Promise<PlayedRecording> {
  return new Promise((resolvePlayed, reject) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { NODE_ENV: 'dev', ...process.env } };
    execFile(process.execPath, [player, folder, file], options, (error, stdout, stderr) => {
      const played = error ? undefined : resultIn(stdout);
      if (played) return resolvePlayed(played);
      const said = /^\w*Error(?: \[\w+\])?: (.*)$/m.exec(stderr)?.[1];
      const reason = said ?? error?.message ?? 'it ended without a result';
      reject(new Error(`${file} can't be played in ${folder}: ${reason}`));
    });
  });
}

/** The game's own code may print, too, and end the process early. */
function resultIn(stdout: string): PlayedRecording | undefined {
  const [line] = /^\{"ticks":.*\}$/m.exec(stdout) ?? [];
  return line === undefined ? undefined : (JSON.parse(line) as PlayedRecording);
}
