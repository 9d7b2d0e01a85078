/** The reasons for which a member leaves a room. */
export const leaveReasons = ['left', 'kicked', 'banned', 'closed', 'timeout'] as const;

/**
 * Why a member leaves a room.
 *
 * `left`: a server called `EntityClient.leave`, and gave no other reason. `kicked`: an operator ended the player's session, or the game put
 * the player out of the room. `banned`: an operator banned the player. `closed`: the game closed the session for good. `timeout`: the
 * member was away for the room's `leaveAfterMs`.
 */
export type LeaveReason = (typeof leaveReasons)[number];

/** A member who leaves, and why. */
export interface Leaving {
  playerId: string;
  why: LeaveReason;
}

/** As the input holds it: the player's id alone for `left`, as servers before this reason gave it. */
export function leaveInput({ playerId, why }: Leaving): string {
  return why === 'left' ? playerId : JSON.stringify({ playerId, why } satisfies Leaving);
}

/** No id of a player begins with a brace. */
export function leavingIn(input: string): Leaving {
  return input.startsWith('{') ? (JSON.parse(input) as Leaving) : { playerId: input, why: 'left' };
}

/** @param code by which a session was closed for good */
export function leaveReasonOf(code: string | undefined): LeaveReason {
  if (code === 'REMOVED') return 'kicked';
  return code === 'BANNED' ? 'banned' : 'closed';
}
