import { versionLabelPattern } from './version.js';

/** One kind of name: its allowed strings, and the words for people. */
interface NameRule {
  pattern: RegExp;
  maxLength: number;
  expected: string;
  /** Names that the other pattern allows and that mean something else already. */
  reserved?: RegExp;
}

const letters = 'letters, digits, "_" and "-"';
const word = (maxLength: number): NameRule => ({
  // The end is that of a label of Kubernetes.
  pattern: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
  maxLength,
  expected: `a lower-case word of at most ${maxLength} letters, digits and inner "-", such as "eu-west"`,
});
const token = (maxLength: number): NameRule => ({
  pattern: /^[A-Za-z0-9_-]+$/,
  maxLength,
  expected: `1 to ${maxLength} ${letters}`,
});
const identifier: NameRule = {
  pattern: /^[A-Za-z][A-Za-z0-9_-]*$/,
  maxLength: 64,
  expected: `a letter and up to 63 ${letters}`,
};
/** A name that the studio makes up for one thing of many: it may hold other names. */
const composed: NameRule = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9_=:-]*$/,
  maxLength: 128,
  expected: 'a letter or digit and up to 127 letters, digits, "_", "=", ":" and "-"',
};

/** The SDK's own events, which a game hears by the same `on` as pushes. */
const clientEvents = ['state', 'notRecovered', 'moved', 'error'];
/** Pushes by which the SDK follows a room's view, see `RoomPushes` of @ccgame/protocol. */
const viewRoutes = ['room.state', 'room.change', 'room.closed'];
const routeOfPush: NameRule = {
  pattern: /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/,
  maxLength: 128,
  expected: `words of ${letters} by dots, such as "match.proposed", at most 128 characters`,
};

/** The words of a bucket's keys hold composed names, too. */
const wordsOfKeys = 'words of letters, digits and "_=:~%/-" by dots';

/**
 * Every kind of name that becomes a part of a NATS subject, a KV key, a stream's or a file's name, YAML, a label or a
 * header. All are ASCII without dots, spaces, wildcards and control characters; routes, versions and keys of buckets have dots
 * inside, and the filters of these have wildcards.
 */
const nameRules = {
  /** No "-": a server type can stand where a server id stands and never be mistaken for one. */
  serverType: {
    pattern: /^[a-z][a-z0-9]*$/,
    maxLength: 31,
    expected: 'a lower-case word of at most 31 letters and digits, without dashes, such as "matching"',
  },
  /** A pod's name, which has 253 characters at most. */
  serverId: {
    pattern: /^[a-z][a-z0-9]{0,30}(-[a-z0-9]+)+$/,
    maxLength: 253,
    expected: 'a pod name that starts with its server type, such as "matching-prod-v100000-0"',
  },
  version: {
    pattern: versionLabelPattern,
    maxLength: 32,
    expected: '"latest" or a version such as "1.0.0000"',
  },
  handler: identifier,
  job: identifier,
  /** The key of a keyed target. */
  key: composed,
  playerId: token(128),
  session: token(64),
  /** The id that a client gives to a message. */
  messageId: { pattern: /^\d+$/, maxLength: 16, expected: 'a whole number from 0' },
  group: token(64),
  pushRoute: {
    ...routeOfPush,
    expected: `${routeOfPush.expected}; not "session.…", and none of ${[...clientEvents, ...viewRoutes].join(', ')}`,
    reserved: new RegExp(
      `^(session(\\..*)?|${[...clientEvents, ...viewRoutes].join('|').replaceAll('.', '\\.')})$`,
    ),
  },
  /** The route of a push to all who follow a topic: the framework's own too. */
  topicRoute: routeOfPush,
  /** A room as those who see it follow it: server type, entity and id by dots. */
  topic: {
    pattern: /^[A-Za-z0-9_=:-]+\.[A-Za-z0-9_=:-]+\.[A-Za-z0-9_=:-]+$/,
    maxLength: 256,
    expected: 'three names by dots, such as "dice.table.r1"',
  },
  pushId: composed,
  entity: identifier,
  /** As long as a player's: many an entity is a player's own, under that player's id. */
  entityId: token(128),
  /** A client's own name for a join. */
  requestId: token(64),
  sessionValue: identifier,
  matchId: token(64),
  ticketId: token(64),
  board: token(64),
  mode: word(32),
  /** Names of tickets, roles and regions. */
  attribute: {
    pattern: /^[a-z][A-Za-z0-9_-]*$/,
    maxLength: 32,
    expected: `a small letter and up to 31 ${letters}`,
  },
  /** Partitions of matching: values by "~", each of them escaped. */
  partition: { pattern: /^[A-Za-z0-9_~%!'()-]+$/, maxLength: 512, expected: 'what partitionOf gives' },
  channel: word(63),
  region: word(63),
  environment: word(63),
  bucket: token(64),
  bucketKey: {
    pattern: /^[A-Za-z0-9_=:~%/-]+(\.[A-Za-z0-9_=:~%/-]+)*$/,
    maxLength: 512,
    expected: `${wordsOfKeys}, such as "clan.7", at most 512 characters`,
  },
  /** A list of a bucket is asked for keys by it. */
  bucketFilter: {
    pattern: /^(([A-Za-z0-9_=:~%/-]+|\*)\.)*([A-Za-z0-9_=:~%/-]+|\*|>)$/,
    maxLength: 512,
    expected: `${wordsOfKeys}, "*" for any of them or ">" for all that follow, at most 512 characters`,
  },
  header: {
    pattern: /^[A-Za-z][A-Za-z0-9-]*$/,
    maxLength: 64,
    expected: 'a letter and letters, digits and "-"',
  },
  headerValue: { pattern: /^[\x21-\x7e]+$/, maxLength: 256, expected: 'printable ASCII without blanks' },
} satisfies Record<string, NameRule>;

/** The kinds of names, each with its own rule: `playerId`, `serverType`, … */
export type NameKind = keyof typeof nameRules;

const rules: Record<NameKind, NameRule> = nameRules;

/** Such as `constructor`: as a key of an object they would find what nobody put there. */
const inheritedNames = Object.getOwnPropertyNames(Object.prototype);

/** Whether a value is a legal name of its kind. Never throws, whatever the value is. */
export function isName(kind: NameKind, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const { pattern, maxLength, reserved } = rules[kind];
  if (value.length > maxLength || !pattern.test(value)) return false;
  return !inheritedNames.includes(value) && !reserved?.test(value);
}

/** The same rule as {@link isName}, in the words of JSON Schema. */
export function nameSchema(kind: NameKind): Record<string, unknown> {
  const { pattern, maxLength, reserved } = rules[kind];
  const inherited = inheritedNames.filter((name) => name.length <= maxLength && pattern.test(name));
  const refused = [
    ...(inherited.length > 0 ? [{ enum: inherited }] : []),
    ...(reserved ? [{ pattern: reserved.source }] : []),
  ];
  return {
    type: 'string',
    pattern: pattern.source,
    maxLength,
    ...(refused.length > 0 && { not: refused.length > 1 ? { anyOf: refused } : refused[0] }),
  };
}

/** For people: what a name of this kind looks like. */
export function expectedName(kind: NameKind): string {
  return rules[kind].expected;
}
