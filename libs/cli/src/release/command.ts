import { Command } from 'commander';
import type * as Actions from './actions.js';
import type { CanaryCommandOptions } from './canary.js';
import type { DeployCommandOptions } from './deploy.js';
import type { GlobalOptions } from './global-options.js';
import type { InitOptions } from './init.js';
import { list, patience, percentage, releaseSubcommand, seconds, versionArgument } from './options.js';
import type { PromoteOptions } from './promote.js';
import type { RetireOptions } from './retire.js';
import type { ReleaseSession } from './session.js';
import { withSession } from './with-session.js';

const leavesBehind =
  'go on although some rooms and entities cannot move: those stay in their version until they end';
const movesNow = 'move connected players at once, in batches, instead of at their next connection';

type Work = (session: ReleaseSession, actions: typeof Actions) => Promise<void>;

const loadActions = (): Promise<typeof Actions> => import('./actions.js');

const changing = (options: GlobalOptions, work: Work): Promise<void> =>
  withSession(options, 'changes', loadActions, work);

const reading = (options: GlobalOptions, work: Work): Promise<void> =>
  withSession(options, 'reads', loadActions, work);

/** `ccgame release …`: each subcommand is one sentence of the release table, see docs/releases.md. */
export function releaseCommand(): Command {
  const release = new Command('release');
  for (const subcommand of [
    init,
    restoreCommand,
    deployCommand,
    canaryCommand,
    promoteCommand,
    rollback,
    retireCommand,
    fallback,
    follow,
    status,
    history,
    check,
    ingress,
  ]) {
    release.addCommand(subcommand());
  }
  return release;
}

function init(): Command {
  return releaseSubcommand('init', "starts a channel's first version, and writes its first table", [
    'init --stable 1.0.0000',
    'init --stable 1.0.0000 --target kubectl --image registry.example/game:1.0.0000',
  ])
    .requiredOption('--stable <version>', 'the version that runs now, or is started', versionArgument)
    .option('--image <image>', 'its image, when it is started (default: that of the overlay)')
    .addOption(patience())
    .action((options: GlobalOptions & InitOptions & { stable: string }) =>
      changing(options, (session, { initChannel }) => initChannel(session, options.stable, options)),
    );
}

function restoreCommand(): Command {
  return releaseSubcommand('restore', 'writes a lost table again, as the running servers remember it', [
    'restore',
  ]).action((options: GlobalOptions) => changing(options, (session, { restore }) => restore(session)));
}

function deployCommand(): Command {
  return releaseSubcommand(
    'deploy',
    'starts a version beside the others and marks it live when it is ready',
    [
      'deploy 1.0.0001',
      'deploy 1.0.0001 --from my-branch',
      'deploy 1.0.0001 --only matching --why "new rules" --json',
    ],
  )
    .argument('<version>', 'the new version', versionArgument)
    .option(
      '--from <source>',
      'on a laptop: the git ref or the folder of its code (default: what is built here)',
    )
    .option('--image <image>', 'its image (default: that of the manifests, with <version> in its tag)')
    .option('--commit <revision>', 'refuse servers whose image was built of another commit')
    .option('--only <types>', 'these server types only, by comma; the others fall back to stable', list)
    .option('--group <group>', 'only versions of one group share matches and call each other')
    .option('--dry-run', 'print what would be applied', false)
    .addOption(patience())
    .option('--clean-up', 'remove what was started when it fails', false)
    .action(async (version: string, options: GlobalOptions & DeployCommandOptions) => {
      if (options.dryRun) (await loadActions()).printManifests(options.overlay, version, options);
      else await changing(options, (session, { deploy }) => deploy(session, version, options));
    });
}

function canaryCommand(): Command {
  return releaseSubcommand('canary', 'gives a live version to some players', [
    'canary 1.0.0001 --weight 10 --guard',
    'canary 1.0.0001 --players anna,ben --move-now',
    'canary 1.0.0001 --header beta=yes',
  ])
    .argument('<version>', 'the canary', versionArgument)
    .option('--weight <percent>', 'the percentage of players that get it', percentage)
    .option('--header <name=value>', 'clients that send this header')
    .option('--query <name=value>', 'clients with this query')
    .option('--cookie <name=value>', 'clients with this cookie')
    .option('--players <ids>', 'these players, by comma')
    .option('--region <region>', 'clients of this region')
    .option('--build <from-to>', 'clients of these builds')
    .option('--move-now', movesNow, false)
    .option('--guard', 'watch it and roll back when it is worse than stable', false)
    .option('--guard-seconds <seconds>', 'how long the guard watches', seconds, 300)
    .action((version: string, options: GlobalOptions & CanaryCommandOptions) =>
      changing(options, (session, { canary }) => canary(session, version, options)),
    );
}

function promoteCommand(): Command {
  return releaseSubcommand('promote', 'makes a live version the stable one', [
    'promote 1.0.0001',
    'promote 1.0.0001 --move-now --why "ticket 4711"',
  ])
    .argument('<version>', 'the version', versionArgument)
    .option('--move-now', movesNow, false)
    .option('--leave-behind', leavesBehind, false)
    .action((version: string, options: GlobalOptions & PromoteOptions) =>
      changing(options, (session, { promote }) => promote(session, version, options)),
    );
}

function rollback(): Command {
  return releaseSubcommand('rollback', 'ends a canary, or makes the former stable version stable again', [
    'rollback --move-now',
    'rollback 1.0.0001',
  ])
    .argument('[version]', 'a canary to end', versionArgument)
    .option('--move-now', movesNow, false)
    .action((version: string | undefined, options: GlobalOptions & { moveNow: boolean }) =>
      changing(options, (session, { rollBack }) => rollBack(session, version, options)),
    );
}

function retireCommand(): Command {
  return releaseSubcommand(
    'retire',
    'gives a version to nobody new, waits until its last player has left, and removes it',
    ['retire 1.0.0000', 'retire 1.0.0000 --wait-seconds 900', 'retire 1.0.0000 --force 1.0.0000'],
  )
    .argument('<version>', 'the version', versionArgument)
    .option('--force <version>', 'do not wait; name the version once more, to confirm it')
    .option('--wait-seconds <seconds>', 'stop waiting after this time; the version goes on draining', seconds)
    .option('--leave-behind', leavesBehind, false)
    .action((version: string, options: GlobalOptions & RetireOptions) =>
      changing(options, (session, { retire }) => retire(session, version, options)),
    );
}

function fallback(): Command {
  return releaseSubcommand(
    'fallback',
    "sends a version's calls for one server type to another version's servers",
    ['fallback matching 1.0.0001 1.0.0000', 'fallback matching 1.0.0001'],
  )
    .argument('<type>', 'the server type')
    .argument('<version>', 'the version without such servers', versionArgument)
    .argument(
      '[to]',
      'the version that serves instead (default: its own servers serve again)',
      versionArgument,
    )
    .action((type: string, version: string, to: string | undefined, options: GlobalOptions) =>
      changing(options, (session, { changeFallback }) => changeFallback(session, type, version, to)),
    );
}

function follow(): Command {
  return releaseSubcommand('follow', 'sets routes and jobs once more as the table says', ['follow']).action(
    (options: GlobalOptions) => changing(options, (session, { followTable }) => followTable(session)),
  );
}

function status(): Command {
  return releaseSubcommand('status', 'shows each version: its state, its share, its servers', [
    'status',
    'status --json',
  ]).action((options: GlobalOptions) => reading(options, (session, { printStatus }) => printStatus(session)));
}

function history(): Command {
  return releaseSubcommand('history', 'shows who changed the table, when and why', [
    'history',
    'history --json',
  ]).action((options: GlobalOptions) =>
    reading(options, (session, { printHistory }) => printHistory(session)),
  );
}

function check(): Command {
  return releaseSubcommand('check', 'says what would go wrong', ['check', 'check --json']).action(
    (options: GlobalOptions) => reading(options, (session, { printCheck }) => printCheck(session)),
  );
}

function ingress(): Command {
  return releaseSubcommand('ingress', "prints the routes that the table asks for, in the overlay's dialect", [
    'ingress --overlay k8s/release',
    'ingress --json',
  ]).action((options: GlobalOptions) =>
    reading(options, (session, { printRoutes }) => printRoutes(session, options)),
  );
}
