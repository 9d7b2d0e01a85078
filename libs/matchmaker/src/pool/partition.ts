import { createHash } from 'node:crypto';
import type { Mode } from './rules/mode.js';
import type { Attributes } from './ticket.js';

/** A subject has to fit in NATS' control line, 4 KB; what is longer is named by its hash. */
const longest = 256;

/**
 * Names the partition of a ticket: its mode, its version and its hard keys. Two tickets can meet when their names are equal.
 * One token of a NATS subject, readable: `pairs~1%2E0%2E0000~eu`; different values never make the same name.
 *
 * @param ticket its attributes complete, see `completeAttributes`; its version that which matches it
 */
export function partitionOf(
  mode: Pick<Mode, 'name' | 'hardKeys'>,
  ticket: { version: string; attributes: Attributes },
): string {
  const keys = mode.hardKeys.map((key) => String(ticket.attributes[key] ?? ''));
  const name = [mode.name, ticket.version, ...keys].map(encodeToken).join('~');
  return name.length <= longest ? name : `${mode.name}~${createHash('sha256').update(name).digest('hex')}`;
}

/** Leaves no character that separates names here (~) or in subjects (. * > and blanks). */
function encodeToken(text: string): string {
  return encodeURIComponent(text).replace(
    /[.*~]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
