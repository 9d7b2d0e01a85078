import { Command } from 'commander';
import { examplesText } from '../examples-text.js';
import { expectJson, printResult } from '../release/print-note.js';
import { type ReplayOptions, replayRoom, replayText } from './replay-rooms.js';

/** `ccgame rooms replay`: asks no server. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('plays the recording of a room again, with the code of another version')
    .argument('<room>', 'a room id, or a file of recordings')
    .requiredOption(
      '--against <source>',
      'a commit, branch or tag, or a folder with the game; . is what is built here',
    )
    .option('--json', 'print one JSON value on stdout, and the rest on stderr', false)
    .addHelpText(
      'after',
      examplesText([
        'rooms replay 4b825dc6 --against my-branch',
        'rooms replay from-the-pod.jsonl.gz --against . --json',
      ]),
    )
    .action(async (room: string, { against }: ReplayOptions, command: Command) => {
      // `rooms` has the same option, and takes it wherever it stands.
      expectJson(command.optsWithGlobals<{ json: boolean }>().json);
      const played = await replayRoom(process.cwd(), room, { against }, (text) => console.error(text));
      const isSame = played.every(({ difference }) => !difference);
      const recordings = played.map(({ head, ...rest }) => ({ ...head, ...rest }));
      printResult({ room, against, isSame, recordings }, replayText(played, room, against));
      if (!isSame) throw new Error(`The code of ${against} comes to something else than what was recorded.`);
    });
}
