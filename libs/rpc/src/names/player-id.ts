import { invalid } from '../validation/invalid.js';
import { checkName } from './check-name.js';

const escaped = /_([0-9A-F]{2})/g;

/**
 * The player id of somebody whom another identity provider knows, such as `auth0|5f7c` or `001234.abc.1234`: letters,
 * digits and `-` stay, every other byte of its UTF-8 becomes `_` and two hex digits. `auth0|5f7c` → `auth0_7C5f7c`.
 * Two ids never give the same one, and {@link decodePlayerId} gives the id back.
 *
 * @throws RpcError INVALID for an empty one, one that is no Unicode text, and one whose form is over 128 characters
 */
export function encodePlayerId(externalId: string): string {
  const encoded = typeof externalId === 'string' ? escapeBytes(externalId) : '';
  // A lone surrogate is no text: as UTF-8, all of them would be one.
  const isText = encoded !== '' && !/\p{Surrogate}/u.test(externalId);
  return checkName('playerId', isText ? encoded : externalId);
}

/** The id that {@link encodePlayerId} was given. @throws RpcError INVALID for a text that it never returns */
export function decodePlayerId(playerId: string): string {
  const bytes = checkName('playerId', playerId).replace(escaped, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  const externalId = Buffer.from(bytes, 'latin1').toString();
  if (escapeBytes(externalId) !== playerId) {
    throw invalid([{ field: 'playerId', rule: 'expected what encodePlayerId gave' }]);
  }
  return externalId;
}

function escapeBytes(text: string): string {
  const escapeByte = (byte: string): string =>
    `_${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  const escapedText = Buffer.from(text)
    .toString('latin1')
    .replace(/[^A-Za-z0-9-]/g, escapeByte);
  // `constructor` and its like are no names: their first letter is escaped too.
  return escapedText in Object.prototype ? escapeByte(escapedText[0]) + escapedText.slice(1) : escapedText;
}
