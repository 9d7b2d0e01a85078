import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

/** One Ed25519 key with the name under which tokens say that it signed them. */
export interface TokenKey {
  /** The token's header `kid`. */
  kid: string;
  key: KeyObject;
}

/** Old and new while the key is changed, and one to spare. */
const mostKeys = 3;
const kidPattern = /^[\w.-]{1,64}$/;

/** Whether a key can have this name. */
export function isTokenKeyName(kid: string): boolean {
  return kidPattern.test(kid);
}

/**
 * Reads a private JWK: `{"kty":"OKP","crv":"Ed25519","x":"…","d":"…","kid":"2026-11"}` (RFC 8037).
 *
 * @throws Error that doesn't repeat the key
 */
export function parseSigningKey(text: string): TokenKey {
  const jwk = parseJson(text);
  checkKey(jwk);
  if (typeof jwk.d !== 'string') throw new Error('it has no private part');
  return { kid: jwk.kid, key: createPrivateKey({ key: jwk, format: 'jwk' }) };
}

/**
 * Reads a JWK set of public keys: `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"…","kid":"2026-11"}]}` (RFC 7517).
 *
 * @throws Error; for a private key too, which has no place where tokens are only verified
 */
export function parsePublicKeys(text: string): TokenKey[] {
  const { keys } = parseJson(text);
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > mostKeys)
    throw new Error(`it has no list "keys" of 1 to ${mostKeys}`);
  const parsed = keys.map((jwk: Record<string, unknown>) => {
    checkKey(jwk);
    if ('d' in jwk) throw new Error('it holds a private key');
    return { kid: jwk.kid, key: createPublicKey({ key: jwk, format: 'jwk' }) };
  });
  if (new Set(parsed.map(({ kid }) => kid)).size < parsed.length) throw new Error('two keys have one kid');
  return parsed;
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    throw new Error('it is no JSON');
  }
}

function checkKey(jwk: Record<string, unknown>): asserts jwk is JsonWebKey & { kid: string } {
  const { kty, crv, kid } = Object(jwk) as Record<string, unknown>;
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new Error('a key is not of kty OKP and crv Ed25519');
  if (typeof kid !== 'string' || !isTokenKeyName(kid)) throw new Error('a key has no kid, such as "2026-11"');
}

/**
 * A JWK set with one more key, behind those that it has.
 *
 * @param text as TOKEN_PUBLIC_KEYS has it; `{"keys":[]}` for the first key
 * @throws Error where servers would refuse what comes of it
 */
export function addPublicKey(text: string, publicKey: JsonWebKey): string {
  const { keys } = parseJson(text);
  if (!Array.isArray(keys)) throw new Error('it has no list "keys"');
  const added = JSON.stringify({ keys: [...(keys as unknown[]), publicKey] });
  parsePublicKeys(added);
  return added;
}

/** A new key: the text of TOKEN_SIGNING_KEY, and its public JWK for TOKEN_PUBLIC_KEYS. */
export function makeTokenKey(kid: string): { signingKey: string; publicKey: JsonWebKey } {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicKey = { kty, crv, kid, x };
  return { signingKey: JSON.stringify({ ...publicKey, d }), publicKey };
}
