import { Command } from 'commander';
import { type Act, acts, type ActOptions } from './act-on-player.js';
import { findPlayer } from './find-player.js';
import { listAudit } from './list-audit.js';
import { replayCommand } from '../replay/command.js';
import { listRooms, type ListRoomsOptions } from './list-rooms.js';
import { listServers } from './list-servers.js';
import { listSessions } from './list-sessions.js';
import { listTickets, showTicket } from './list-tickets.js';
import {
  count,
  duration,
  type OperatorOptions,
  operatorSubcommand,
  playerArgument,
  reasonText,
} from './operator-options.js';
import { type OperatorSession, withOperator } from './operator-session.js';
import { type Findings, show } from './show.js';

type Options = OperatorOptions;

/** The commands by which an operator asks and orders. */
export function operatorCommands(): Command[] {
  return [players(), sessions(), rooms(), servers(), tickets()];
}

function answer(options: Options, find: (session: OperatorSession) => Promise<Findings>): Promise<void> {
  return withOperator(options, 'reads', async (session) => show(await find(session), options.json));
}

function players(): Command {
  const all = new Command('players');
  const find = operatorSubcommand('find', 'tells where a player is: session, rooms, ticket, sanctions', [
    'players find anna',
    'players find anna --json',
  ])
    .argument('<player>', 'the player id', playerArgument)
    .action((playerId: string, options: Options) =>
      answer(options, (session) => findPlayer(session, playerId)),
    );
  const audit = operatorSubcommand('audit', 'tells who did what to players, and why', [
    'players audit',
    'players audit anna --since 400d --json',
  ])
    .argument('[player]', 'only this one', playerArgument)
    .option('--since <time>', 'so long back', duration, 30 * 86_400)
    .action((playerId: string | undefined, options: Options & { since: number }) =>
      answer(options, (session) => listAudit(session, playerId, options.since)),
    );
  const lasts = ['--for <time>', 'how long: 90s, 30m, 12h, 7d (default: until it is lifted)'] as const;
  return all
    .addCommand(find)
    .addCommand(audit)
    .addCommand(act('kick', 'ends the session; the player may come back with a new one', acts.kick))
    .addCommand(act('ban', 'keeps the player out', acts.ban, '--for 7d').option(...lasts, duration))
    .addCommand(act('unban', 'lifts a ban', acts.unban))
    .addCommand(
      act('mute', 'refuses the chat of the player', acts.mute, '--for 30m').option(...lasts, duration),
    )
    .addCommand(act('unmute', 'lifts a mute', acts.unmute))
    .addCommand(act('move', 'has the client go on at another connector, or in its version by now', acts.move))
    .addCommand(
      act('message', 'pushes { text } to the player', acts.message, '--text "Your refund is here"')
        .requiredOption('--text <text>', 'the message')
        .option('--route <route>', "the push's route", 'operator.message'),
    );
}

function act(name: string, description: string, work: Act, more = ''): Command {
  const example = ['players', name, 'anna', more, '--reason "ticket 4711"'].filter(Boolean).join(' ');
  return operatorSubcommand(name, description, [example])
    .argument('<player>', 'the player id', playerArgument)
    .requiredOption(
      '--reason <reason>',
      'kept in the audit stream; of a kick, ban or mute the player reads it',
      reasonText,
    )
    .action((playerId: string, options: Options & ActOptions) =>
      withOperator(options, 'changes', async (session) =>
        show(await work(session, playerId, options), options.json),
      ),
    );
}

function sessions(): Command {
  return operatorSubcommand('sessions', 'counts connected players, by connector and version', [
    'sessions',
    'sessions --json',
  ]).action((options: Options) => answer(options, listSessions));
}

function rooms(): Command {
  return operatorSubcommand('rooms', 'lists rooms, the oldest first', [
    'rooms --limit 10',
    'rooms --player anna',
    'rooms --all --json',
  ])
    .option('--player <player>', 'only those that this player is in', playerArgument)
    .option('--all', 'other entities too', false)
    .option('--limit <count>', 'how many are shown', count, 50)
    .action((options: Options & ListRoomsOptions) =>
      answer(options, (session) => listRooms(session, options)),
    )
    .addCommand(replayCommand());
}

function servers(): Command {
  return operatorSubcommand('servers', 'lists servers: those that should run and those that answer', [
    'servers',
    'servers --target kubectl --json',
  ]).action((options: Options) => answer(options, listServers));
}

function tickets(): Command {
  return operatorSubcommand('tickets', "counts open tickets, or says why a player's is not matched", [
    'tickets',
    'tickets anna',
  ])
    .argument('[player]', 'the newest ticket of this one', playerArgument)
    .action((playerId: string | undefined, options: Options) =>
      answer(options, (session) =>
        playerId === undefined ? listTickets(session) : showTicket(session, playerId),
      ),
    );
}
