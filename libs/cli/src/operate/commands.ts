import { Command, Option } from 'commander';
import { nameArgument } from '../release/options.js';
import { replayCommand } from '../replay/command.js';
import type { ActName, ActOptions } from './act-on-player.js';
import type * as Actions from './actions.js';
import type { ListAuditOptions } from './list-audit.js';
import type { ListRoomsOptions } from './list-rooms.js';
import {
  auditCount,
  count,
  duration,
  type OperatorOptions,
  operatorSubcommand,
  playerArgument,
  reasonText,
} from './operator-options.js';
import type { OperatorSession } from './operator-session.js';
import type { Findings } from './show.js';
import { withOperator } from './with-operator.js';

type Options = OperatorOptions;

/** The commands by which an operator asks and orders. */
export function operatorCommands(): Command[] {
  return [players(), sessions(), rooms(), servers(), tickets()];
}

type Find = (session: OperatorSession, actions: typeof Actions) => Promise<Findings>;

function answer(options: Options, does: 'changes' | 'reads', find: Find): Promise<void> {
  return withOperator(
    options,
    does,
    () => import('./actions.js'),
    async (session, actions) => actions.show(await find(session, actions), options.json),
  );
}

function players(): Command {
  const all = new Command('players');
  const find = operatorSubcommand('find', 'tells where a player is: session, rooms, ticket, sanctions', [
    'players find anna',
    'players find anna --json',
  ])
    .argument('<player>', 'the player id', playerArgument)
    .action((playerId: string, options: Options) =>
      answer(options, 'reads', (session, { findPlayer }) => findPlayer(session, playerId)),
    );
  const audit = operatorSubcommand('audit', 'tells who did what to players, and why', [
    'players audit',
    'players audit anna --since 400d --json',
  ])
    .argument('[player]', 'only this one', playerArgument)
    .addOption(new Option('--since <time>', 'how far back').argParser(duration).default(30 * 86_400, '30d'))
    .option('--limit <count>', 'the newest so many, to 100000', auditCount, 1_000)
    .action((playerId: string | undefined, options: Options & ListAuditOptions) =>
      answer(options, 'reads', (session, { listAudit }) => listAudit(session, playerId, options)),
    );
  const lasts = ['--for <time>', 'how long: 90s, 30m, 12h, 7d (default: until it is lifted)'] as const;
  return all
    .addCommand(find)
    .addCommand(audit)
    .addCommand(act('kick', 'ends the session; the player may come back with a new one'))
    .addCommand(act('ban', 'keeps the player out', '--for 7d').option(...lasts, duration))
    .addCommand(act('unban', 'lifts a ban'))
    .addCommand(act('mute', 'refuses the chat of the player', '--for 30m').option(...lasts, duration))
    .addCommand(act('unmute', 'lifts a mute'))
    .addCommand(act('move', 'moves the client to another connector, in the version that the player has now'))
    .addCommand(
      act('message', 'pushes { text } to the player', '--text "Your refund is here"')
        .requiredOption('--text <text>', 'the message')
        .option('--route <route>', "the push's route", nameArgument('pushRoute'), 'operator.message'),
    );
}

function act(name: ActName, description: string, more = ''): Command {
  const example = ['players', name, 'anna', more, '--reason "ticket 4711"'].filter(Boolean).join(' ');
  return operatorSubcommand(name, description, [example])
    .argument('<player>', 'the player id', playerArgument)
    .requiredOption(
      '--reason <reason>',
      'kept in the audit stream; of a kick, ban or mute the player reads it',
      reasonText,
    )
    .action((playerId: string, options: Options & ActOptions) =>
      answer(options, 'changes', (session, { acts }) => acts[name](session, playerId, options)),
    );
}

function sessions(): Command {
  return operatorSubcommand('sessions', 'counts connected players, by connector and version', [
    'sessions',
    'sessions --json',
  ]).action((options: Options) =>
    answer(options, 'reads', (session, { listSessions }) => listSessions(session)),
  );
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
      answer(options, 'reads', (session, { listRooms }) => listRooms(session, options)),
    )
    .addCommand(replayCommand());
}

function servers(): Command {
  return operatorSubcommand('servers', 'lists servers: those that should run and those that answer', [
    'servers',
    'servers --target kubectl --json',
  ]).action((options: Options) =>
    answer(options, 'reads', (session, { listServers }) => listServers(session)),
  );
}

function tickets(): Command {
  return operatorSubcommand('tickets', "counts open tickets, or says why a player's is not matched", [
    'tickets',
    'tickets anna',
  ])
    .argument('[player]', 'the newest ticket of this one', playerArgument)
    .action((playerId: string | undefined, options: Options) =>
      answer(options, 'reads', (session, { listTickets, showTicket }) =>
        playerId === undefined ? listTickets(session) : showTicket(session, playerId),
      ),
    );
}
