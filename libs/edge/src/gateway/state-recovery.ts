import type { ResumeFrom } from '@ccgame/protocol';
import { isName } from '@ccgame/config';
import type { Socket } from 'socket.io';

/**
 * A `pid` of socket.io's connection state recovery: the session, and the position where its pushes began without a gap. A client that
 * has had no push yet goes on from there.
 */
export function recoveryId({ session, position }: ResumeFrom): string {
  return `${session}.${position}`;
}

/**
 * Where a client without the SDK goes on by itself. `pid` and `offset` come from socket.io's client and aren't the player's doing, so
 * nothing in them is refused.
 */
export function resumeOfRecovery({ pid, offset }: Record<string, unknown>): ResumeFrom | undefined {
  const [, session, start] = /^(.+)\.(\d+)$/.exec(typeof pid === 'string' ? pid : '') ?? [];
  const reached = offset === undefined ? 0 : positionOf(offset);
  if (!isName('session', session) || start === undefined || reached === undefined) return undefined;
  const began = positionOf(start);
  // An offset from before a gap is still kept by the client, which was told of the gap.
  return began === undefined ? undefined : { session, position: Math.max(began, reached) };
}

/**
 * Whether a client without the SDK is told a `pid`, and an offset with each push. Handlers of python-socketio take no further
 * argument; its WebSocket is known by the time in its address, which clients of JavaScript and Java leave out there.
 */
export function isRecoverable({ auth, query }: Socket['handshake']): boolean {
  if (auth.protocol === 1) return false;
  const { recovery = query.t === undefined } = auth as { recovery?: unknown };
  return recovery === true;
}

/** Lets socket.io's welcome name the `pid`. It shows `recovered` to the client where that is the one that the client had. */
export function nameRecovery(socket: Socket, pid: string): void {
  (socket as unknown as { pid: string }).pid = pid;
}

/** An event's arguments with a place at their end: socket.io's client keeps a string there. */
export function withOffset(json: string, position: number): string {
  return `${json},"${position}"`;
}

function positionOf(text: unknown): number | undefined {
  const position = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(position) ? position : undefined;
}
