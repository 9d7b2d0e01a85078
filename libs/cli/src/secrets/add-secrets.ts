import { parseAllDocuments } from 'yaml';
import { isObject, orUnreadable } from '../game-files.js';
import { toYaml } from '../release/render/manifests.js';
import { exampleValue, ownValues, tokenKeyPair } from './new-secrets.js';

interface Secret {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  stringData?: Record<string, string>;
  /** As `kubectl get` prints it: base64. */
  data?: Record<string, string>;
}

/** A Secret as it is read of a file, before it is known to be one. */
type Unchecked = { [Field in keyof Secret]?: unknown };

/** A file of Secrets and its content, YAML. */
export interface SecretsFile {
  file: string;
  text: string;
}

/** A studio's Secrets, and the values that they lacked until now. */
export interface AddedSecrets {
  /** YAML. */
  text: string;
  /** `nats-passwords: PASSWORD_LOBBY` */
  added: string[];
}

/** The rest is the API server's, or about another copy of the object. */
const keptMetadata = ['name', 'namespace', 'labels'];

/**
 * Adds to a studio's Secrets what the example has by now and they have not, as for a new server type. All else stays as it is, and a value is
 * used again where the same one is lacking in another place.
 *
 * @param present as `ccgame secrets new` wrote them, or as `kubectl get secret … -o yaml` prints them
 * @param example `k8s/secrets/example-secrets.yaml`
 * @throws Error that names the file where it holds no Secrets; where one half of the key of players' tokens is there alone
 */
export function addSecrets(present: SecretsFile, example: SecretsFile): AddedSecrets {
  const secrets = secretsIn(present);
  const examples = secretsIn(example);
  const fill = ownValues(valuesIn(secrets, examples));
  const added: string[] = [];
  for (const { metadata, stringData: wanted = {} } of examples) {
    const { name } = metadata;
    const values = valuesOf(secrets, name);
    for (const [key, text] of Object.entries(wanted)) {
      const before = values[key];
      const own = partsOf(key, before, text);
      const lacking = [...partsOf(key, text, text)].filter(([part]) => !own.has(part));
      if (lacking.length === 0) continue;
      const more = lacking.map(([, part]) => fill(part));
      values[key] = isList(text)
        ? [...(before ? [before.trimEnd()] : []), ...more, ''].join('\n')
        : fill(text);
      added.push(...lacking.map(([part]) => `${name}: ${part}`));
    }
  }
  return { text: toYaml(secrets), added };
}

/** All objects of a file. @throws Error that names the file where there is no Secret in it, or something that is no object of Kubernetes */
export function secretsIn({ file, text }: SecretsFile): Secret[] {
  return orUnreadable(file, () => {
    const documents = parseAllDocuments(text).flatMap((one) => {
      if (one.errors[0]) throw one.errors[0];
      return (one.toJS() as (Unchecked & { items?: Unchecked[] }) | null) ?? [];
    });
    const all = documents.flatMap((one) => one.items ?? [one]).map(checked);
    if (!all.some(({ kind }) => kind === 'Secret')) throw new Error('there is no Secret in it');
    return all.map((one) => (one.kind === 'Secret' ? plain(one) : one));
  });
}

/** @throws Error */
function checked(one: Unchecked): Secret {
  const { kind, metadata, data, stringData } = Object(one) as Unchecked;
  const { name } = Object(metadata) as { name?: unknown };
  if (typeof name !== 'string') throw new Error('one of its objects has no metadata.name');
  const values = kind === 'Secret' ? [data ?? {}, stringData ?? {}] : [];
  if (!values.every((all) => isObject(all) && Object.values(all).every((value) => typeof value === 'string')))
    throw new Error(`the values of ${name} are no texts`);
  return one as Secret;
}

function plain({ data, stringData, metadata, ...secret }: Secret): Secret {
  const decoded = Object.entries(data ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString(),
  ]);
  const kept = Object.entries(metadata).filter(([field]) => keptMetadata.includes(field));
  return {
    ...secret,
    metadata: Object.fromEntries(kept) as Secret['metadata'],
    stringData: { ...(Object.fromEntries(decoded) as Record<string, string>), ...stringData },
  };
}

/** To be added to: those of a Secret that is not there yet, too. */
function valuesOf(secrets: Secret[], name: string): Record<string, string> {
  const isIt = ({ kind, metadata }: Secret): boolean => kind === 'Secret' && metadata.name === name;
  let secret = secrets.find(isIt);
  if (!secret) {
    secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name } };
    secrets.push(secret);
  }
  return (secret.stringData ??= {});
}

/** The studio's own values, by those of the example in whose place they stand. @throws Error for half a pair */
function valuesIn(secrets: Secret[], examples: Secret[]): Map<string, string> {
  const known = new Map<string, string>();
  for (const { metadata, stringData: wanted = {} } of examples) {
    const own = secrets.find(({ metadata: { name } }) => name === metadata.name)?.stringData;
    for (const [key, text] of Object.entries(wanted)) {
      const parts = partsOf(key, own?.[key], text);
      for (const [part, template] of partsOf(key, text, text)) learnValues(known, template, parts.get(part));
    }
  }
  if (tokenKeyPair.filter((name) => known.has(name)).length === 1)
    throw new Error(
      'One half of the key of players\' tokens is there, and the other is not: "ccgame token-key" makes both.',
    );
  return known;
}

function learnValues(known: Map<string, string>, template: string, text?: string): void {
  const names = template.match(exampleValue) ?? [];
  const literal = (piece: string): string => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = template.trimEnd().split(exampleValue).map(literal).join('(.+?)');
  const found = text === undefined ? null : new RegExp(`^${pattern}$`, 's').exec(text.trimEnd());
  for (const [index, name] of names.entries())
    if (found && !known.has(name)) known.set(name, found[index + 1] ?? '');
}

/** `passwords.conf` has one value a line, by its name; any other text is one value. @param form the example's */
function partsOf(key: string, text: string | undefined, form: string): Map<string, string> {
  if (text === undefined) return new Map();
  if (!isList(form)) return new Map([[key, text]]);
  const lines = text.matchAll(/^[ \t]*(\w+)[ \t]*[:=].*$/gm);
  return new Map([...lines].map(([line, name = '']) => [name, line]));
}

function isList(text: string): boolean {
  const lines = text.trimEnd().split('\n');
  return lines.length > 1 && lines.every((line) => /^\w+: \S+$/.test(line));
}
