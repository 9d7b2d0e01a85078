import type { SessionRecord } from './session-record.js';

/** A player's session as it is by now. */
export interface SeenSession {
  session: string;
  version: string;
  /** The socket's id: another one has the session where it changes. */
  socket: string;
  /** False: the socket is gone, or the connector that had it. */
  isConnected: boolean;
  /** Why the socket is gone: a close's code, socket.io's word, or `connector-gone`. */
  why?: string;
  /** It was closed for good. */
  isOver: boolean;
}

/** The session that a record tells of; undefined: there is none. */
export function seenIn(record: SessionRecord | undefined): SeenSession | undefined {
  if (!record) return undefined;
  const { session, version, socket, isConnected, why, isOver = false } = record;
  return { session, version, socket, isConnected, ...(!isConnected && { why }), isOver };
}
