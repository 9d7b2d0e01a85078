import { keyValueStream, type StreamDeclaration } from '@ccgame/jetstream';
import { bindingsBucket, bindingsBytes } from './bindings/bindings.js';
import { sessionsBucket, sessionsBytes } from './claims/session-record.js';
import { sessionEventsBucket, sessionEventsBytes } from './events/told-sessions.js';
import { groupsBucket, groupsBytes } from './groups/members.js';
import { auditStream } from './moderation/audit-trail.js';
import { sanctionsStream } from './moderation/sanction.js';
import { onceBucket, onceBytes } from './once/once-store.js';
import { pushStream } from './push/push-stream.js';

/** The streams and buckets of sessions, made by the server type `storage`. */
export const sessionStreams: StreamDeclaration[] = [
  { config: keyValueStream(sessionsBucket, sessionsBytes) },
  { config: keyValueStream(groupsBucket, groupsBytes) },
  { config: keyValueStream(onceBucket, onceBytes) },
  { config: keyValueStream(bindingsBucket, bindingsBytes) },
  pushStream,
  { config: sanctionsStream },
  { config: auditStream },
];

/** The last that server types were told of sessions; for a game that has `SharedSessionEvents` among its providers. */
export const sessionEventStreams: StreamDeclaration[] = [
  { config: keyValueStream(sessionEventsBucket, sessionEventsBytes) },
];
