import type { GameChanges } from './game-changes.js';

const accounts = 'k8s/nats/accounts/accounts.yaml';
const secrets = 'k8s/secrets/example-secrets.yaml';

/** A NATS user of a server type and its `-next`, their passwords, and the address with which its servers connect. */
export function addNatsUser(changes: GameChanges, type: string): void {
  const upper = type.toUpperCase();
  changes.insertAfterLast(
    accounts,
    /^ *\{ user: .*permissions: \$BACKEND_SERVERS \}\n/m,
    `          { user: ${type}, password: $PASSWORD_${upper}, permissions: $BACKEND_SERVERS }
          { user: ${type}-next, password: $NEXT_${upper}, permissions: $BACKEND_SERVERS }
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
