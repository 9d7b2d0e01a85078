import type { StoredMessage } from '@ccgame/jetstream';

/** The connectors' own places in the log, where players' ids stand; NATS lets a connector write to no others. */
export const markId = '$mark';
/** The same for marks by which a reader knows that a NATS server has all before them, and a writer that the log takes messages. */
export const freshMarkId = '$fresh';

/** Where a player's connector listens: the log's republished pushes, and volatile ones directly. */
export const deliverSubject = (playerId: string): string => `deliver.u.${playerId}`;

/** Where a push is stored: one message a subject, so that a retry is refused as already there. */
export const logSubject = (playerId: string, messageId: string): string => `push.u.${playerId}.${messageId}`;

/** Marks a push that is not in the log; nobody who can't send one can make NATS answer with it. */
export const volatileHeader = 'Push-Volatile';

/** Marks a push that is in the log, and not what JetStream was made to send there without headers (decision 051). */
export const storedHeader = 'Push-Stored';

/** Marks a push that its player may have had, though the log doesn't know: a gap is told in its place. It says how many ms ago it was tried first. */
export const doubtHeader = 'Push-Doubt';

/** The trace of a push that somebody records (W3C trace context). */
export const traceHeader = 'traceparent';

/** Whether a push service put that into the log, and nobody who had it read and sent on. */
export const isPush = (message: StoredMessage): boolean =>
  message.hasHeader(storedHeader) && !message.isForeign;

/** All that the log holds of a player. */
export const logSubjects = (playerId: string): string => `push.u.${playerId}.*`;

/** Where all connectors listen that have a follower of a topic. */
export const topicSubject = (topic: string): string => `deliver.t.${topic}`;

/**
 * A header of volatile pushes: `+<topic>` has the player's socket follow a topic from here on, as does `*<topic>` for one that the player takes part in,
 * and `-<topic>` ends that; on the topic itself it ends that for all who follow it.
 */
export const topicHeader = 'Push-Topic';
