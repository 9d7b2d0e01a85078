/** By user: what it may publish to and subscribe to, as `accounts.conf` says. */
export type Rights = Record<string, { publish: string[]; subscribe: string[] }>;

/** The permissions of each user that has some, read by a reader of their own. */
export function rightsOfUsers(accounts: string): Rights {
  const users = [...accounts.matchAll(/\{ user: (\w+), password: \S+, permissions: \$(\w+) \}/g)];
  const rights: Rights = {};
  for (const [, user = '', block = ''] of users) {
    const text = accounts.split(`\n${block} {\n`)[1]?.split('\n}\n')[0] ?? '';
    const [publish = '', subscribe = ''] = text.split('subscribe:');
    rights[user] = { publish: quoted(publish), subscribe: quoted(subscribe) };
  }
  return rights;
}

/** The subjects that each user published and subscribed to, by the trace of a NATS server, and those that NATS refused. */
export function subjectsUsed(log: string): { used: Rights; refused: string[] } {
  const used: Rights = {};
  const line = /GAME\/user:([\w-]+)" - <<- \[(PUB|HPUB|SUB) (\S+)/g;
  for (const [, user = '', verb, subject = ''] of log.matchAll(line)) {
    const of = (used[user] ??= { publish: [], subscribe: [] });
    (verb === 'SUB' ? of.subscribe : of.publish).push(subject);
  }
  const refused = [...log.matchAll(/user:([\w-]+)" - (Publish|Subscription) Violation - .*?"([^"]+)"/g)];
  return { used, refused: refused.map(([, user, kind, subject]) => `${user}: ${kind} ${subject}`) };
}

/** The rights of a user that none of these subjects needs. */
export function unusedRights(rights: readonly string[], subjects: readonly string[]): string[] {
  const seen = [...new Set(subjects)];
  return rights.filter((right) => !seen.some((subject) => covers(right, subject)));
}

function covers(right: string, subject: string): boolean {
  const parts = right.split('.');
  const tokens = subject.split('.');
  const isRest = parts.at(-1) === '>';
  if (isRest ? tokens.length < parts.length : tokens.length !== parts.length) return false;
  return parts.every((part, index) => part === '>' || part === '*' || part === tokens[index]);
}

const quoted = (text: string): string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, right = '']) => right);
