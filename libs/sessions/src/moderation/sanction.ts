import { type BoundStream, keyValueStream, parseJson, type StoredMessage } from '@ccgame/jetstream';
import { noteUnreadable } from '@ccgame/nats';
import { GameErrors } from '@ccgame/protocol';
import type { RpcError } from '@ccgame/rpc';

/** KV bucket: `<kind>.<player>`, a {@link SanctionRecord}. An entry leaves when its time is over. */
export const sanctionsBucket = 'sanctions';
/** Some hundred thousand bans at once; one more is refused. Every connector, http and matching server has them in memory. */
const sanctionsBytes = 32 * 2 ** 20;
/** The stream below the bucket of bans and mutes. */
export const sanctionsStream: BoundStream = keyValueStream(sanctionsBucket, sanctionsBytes);
/** The subjects of all bans and mutes. */
export const sanctionsSubject = `$KV.${sanctionsBucket}.>`;

/** A ban keeps the player out; a mute lets the player play, and takes no chat. */
export type SanctionKind = 'ban' | 'mute';

/** As the bucket holds it. Its times are those of the message: so they are all by the clock of NATS. */
export type SanctionRecord =
  | { reason: string; by: string; forSeconds?: number }
  /** Written over a sanction that was lifted, for those who have it in memory. */
  | { isLifted: true }
  /** A session that was ended: `kick.<player>`. */
  | { reason: string; by: string; session: string };

/** A ban or a mute. */
export interface Sanction {
  /** For the player to read. */
  reason: string;
  /** The operator; the player isn't told. */
  by: string;
  /** Epoch ms by the clock of NATS, as `until`. */
  since: number;
  /** Left out: until an operator lifts it. */
  until?: number;
}

/** The part of a sanction that the player is told: `details` of BANNED and MUTED. */
export interface SanctionDetails {
  reason: string;
  /** Epoch ms; left out where it has no end. */
  until?: number;
}

/** Undefined: it was lifted, or is none, which an operator is told. */
export function sanctionIn(message: StoredMessage): Sanction | undefined {
  const record = parseJson<Partial<Record<string, unknown>>>(message.text());
  const { reason, by, forSeconds, isLifted } = record ?? {};
  const { storedAt: since, data, subject, seq } = message;
  if (data.length === 0 || isLifted === true) return undefined;
  const isSound = typeof reason === 'string' && typeof by === 'string';
  if (!isSound || !(forSeconds === undefined || typeof forSeconds === 'number'))
    noteUnreadable('sanction', subject, seq);
  // One whose end can't be read has none, until an operator looks.
  return isSound
    ? { reason, by, since, ...(typeof forSeconds === 'number' && { until: since + forSeconds * 1_000 }) }
    : undefined;
}

/** The part of a sanction that the player may read. */
export function detailsOf({ reason, until }: Sanction): SanctionDetails {
  return { reason, ...(until !== undefined && { until }) };
}

/** BANNED or MUTED. */
export function refusalOf(kind: SanctionKind, sanction: Sanction): RpcError {
  const details = detailsOf(sanction);
  return kind === 'ban' ? GameErrors.BANNED({ details }) : GameErrors.MUTED({ details });
}
