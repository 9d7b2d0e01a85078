import { accountsManifest as accounts } from '@ccgame/testing';
import type { GameChanges } from './game-changes.js';

const secrets = 'k8s/secrets/example-secrets.yaml';

/** A NATS user of a server type and its `-next`, their rights and passwords, and the address with which its servers connect. */
export function addNatsUser(changes: GameChanges, type: string): void {
  const upper = type.toUpperCase();
  changes.insertBefore(accounts, /^ {4}accounts \{/m, `${rightsOf(type)}\n`);
  changes.insertAfterLast(
    accounts,
    /^ *\{ user: .*permissions: \$\w+ \}\n/m,
    `          { user: ${type}, password: $PASSWORD_${upper}, permissions: $${upper}_RIGHTS }
          { user: ${type}-next, password: $NEXT_${upper}, permissions: $${upper}_RIGHTS }
`,
  );
  changes.insertBefore(
    secrets,
    /^ {2}operator: nats:/m,
    `  ${type}: nats://${type}:example-${type}-password@nats:4222\n`,
  );
  changes.insertBefore(
    secrets,
    /^ {4}PASSWORD_OPERATOR:/m,
    `    PASSWORD_${upper}: example-${type}-password\n`,
  );
  changes.insertBefore(secrets, /^ {4}NEXT_OPERATOR:/m, `    NEXT_${upper}: example-${type}-password-next\n`);
}

/** The rights of a server type of the game's own that calls, pushes, has entities and submits scores (decision 140). */
export function rightsOf(type: string): string {
  const stream = `ENTITIES_${type.toUpperCase()}`;
  const services = ['PING', 'INFO', 'STATS'].map(
    (verb) => `"$SRV.${verb}", "$SRV.${verb}.${type}", "$SRV.${verb}.${type}.*"`,
  );
  return `    # Calls and pushes of the game's own. DECIDE: leave out the lines that it does not need.
    ${type.toUpperCase()}_RIGHTS {
      publish: {
        allow: [
          "$SYS.REQ.USER.INFO"
          "_INBOX.>", "rpc.>", "$SRV.PING.*", "$JS.API.STREAM.INFO.KV_releases"
          "$JS.API.DIRECT.GET.KV_releases"
          # Pushes, groups, and requests that are handled once.
          "push.u.*.*", "deliver.u.*", "$KV.groups.>", "$KV.once.>", "$KV.sessions.$probe"
          "$JS.API.STREAM.INFO.PUSH", "$JS.API.STREAM.INFO.KV_sessions", "$JS.API.STREAM.INFO.KV_groups"
          "$JS.API.STREAM.INFO.KV_once", "$JS.API.DIRECT.GET.KV_sessions", "$JS.API.DIRECT.GET.KV_groups"
          "$JS.API.DIRECT.GET.KV_once"
          # Entities and rooms.
          "entity.${type}.>", "entity-beacon.${type}.>", "deliver.t.${type}.>", "$JS.API.STREAM.INFO.${stream}"
          "$JS.API.DIRECT.GET.${stream}"
          "$KV.bindings.>", "$JS.API.STREAM.INFO.KV_bindings", "$JS.API.DIRECT.GET.KV_bindings"
          # Scores and the results of rooms, for leaderboards.
          "leaderboards.result.*.*", "$JS.API.STREAM.INFO.LEADERBOARD_RESULTS", "$JS.API.STREAM.INFO.LEADERBOARDS"
          "$JS.API.STREAM.INFO.LEADERBOARDS_SETTLED", "$JS.API.DIRECT.GET.LEADERBOARD_RESULTS"
        ]
      }
      subscribe: {
        allow: [
          "_INBOX.${type}.>", "$JS.EVENT.ADVISORY.STREAM.DELETED.*", "rpc.*.${type}.>", "client.*.${type}.>", "$KV.releases.*", "entity-beacon.${type}.>"
          # Rooms that are told \`away\` and \`back\`.
          "$KV.sessions.*"
${services.map((line) => `          ${line}`).join('\n')}
        ]
      }
    }
`;
}
