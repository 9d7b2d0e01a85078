import { randomInt } from 'node:crypto';
import { makeTokenKey } from '@ccgame/config';

/** Each character is one of 62: 190 bits. */
const length = 32;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const characters = `${letters}0123456789`;

/** Every value that stands for a secret in the example begins so. */
export const exampleValue = /example-[a-z0-9-]+/g;
/** Those of the key that signs players' tokens, and of the one that checks them: one is of no use without the other. */
export const tokenKeyPair = ['example-token-signing-key', 'example-token-public-keys'] as const;

/**
 * The example file's Secrets with a random value in place of every example value, and the same one wherever the same
 * example stands: a user's password is in its address and in what NATS reads. The key of the players' tokens is a new pair.
 *
 * @param example the text of `k8s/secrets/example-secrets.yaml`
 */
export function newSecrets(example: string): string {
  return ownValues()(withoutComments(example));
}

/** Puts own values into a text in place of those of the example. @param known those that there are, by the example's; the others are new */
export function ownValues(known: ReadonlyMap<string, string> = new Map()): (text: string) => string {
  const { signingKey, publicKey } = makeTokenKey(new Date().toISOString().slice(0, 10));
  const values = new Map<string, string>([
    [tokenKeyPair[0], signingKey],
    [tokenKeyPair[1], JSON.stringify({ keys: [publicKey] })],
    ...known,
  ]);
  const valueOf = (name: string): string => {
    const value = values.get(name) ?? randomText();
    values.set(name, value);
    return value;
  };
  return (text) => text.replaceAll(exampleValue, valueOf);
}

/** Its comments are about the example. */
function withoutComments(yaml: string): string {
  return yaml.replaceAll(/^ *#.*\n/gm, '');
}

/** A letter first: nats-server takes a bare word that begins with a digit for a number. */
function randomText(): string {
  const rest = Array.from({ length: length - 1 }, () => characters[randomInt(characters.length)]);
  return `${letters[randomInt(letters.length)]}${rest.join('')}`;
}
