import type { GameChanges } from './game-changes.js';
import { addNatsUser } from './nats-user.js';
import { addServerManifests } from './server-manifests.js';
import { addServerSources } from './server-sources.js';
import { addStartScript } from './start-script.js';
import { assertName } from './words.js';

/** The options of `ccgame new server`. */
export interface NewServerOptions {
  /** Its pods have names that stay, and nobody scales them: for servers that own something. */
  stateful?: boolean;
}

/**
 * A server type with all that it needs on the laptop and in the cluster.
 *
 * @throws Error when the name is none, or the type is there already
 */
export function addServer(
  changes: GameChanges,
  type: string,
  { stateful = false }: NewServerOptions = {},
): void {
  assertName('serverType', type);
  if (type === 'operator' || type === 'cron') throw new Error(`${type} means something else already.`);
  addServerSources(changes, type);
  // A folder of manifests, as `nats` and `network`, is no server type's.
  if (changes.has(`k8s/${type}`)) throw new Error(`${type} means something else already.`);
  addStartScript(changes, type, `exec node dist/servers/${type}.js`);
  changes.insertBefore('nest-cli.json', /^ {4}"cron": \{/m, nestProject(type));
  if (changes.has('.vscode/launch.json'))
    changes.insertAfterLast('.vscode/launch.json', /"options": \[[^\]]*"/, `, "${type}"`);
  addNatsUser(changes, type);
  addServerManifests(changes, type, stateful);
}

const nestProject = (type: string): string => `    "${type}": {
      "type": "application",
      "root": "apps/${type}",
      "entryFile": "apps/${type}/src/main",
      "sourceRoot": "apps/${type}/src"
    },
`;
