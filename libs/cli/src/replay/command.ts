import { Command } from 'commander';
import { replayRoom, type ReplayOptions } from './replay-rooms.js';

/** `ccgame rooms replay`: asks no server. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('plays what was recorded of a room with the code of another version')
    .argument('<room>', 'a room id, or a file of recordings')
    .requiredOption(
      '--against <source>',
      'a commit, branch or tag, or a folder with the game; . is what is built here',
    )
    .action(async (room: string, options: ReplayOptions) => {
      console.log(await replayRoom(process.cwd(), room, options, (text) => console.error(text)));
    });
}
