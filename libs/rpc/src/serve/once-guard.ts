/** Keeps a handler whose contract says `once` from running twice for the same message of a client. */
export interface OnceGuard {
  /** Runs `work`, or gives what it gave, or threw, when it ran for this message before, on whichever server. */
  runOnce(work: () => Promise<unknown>): Promise<unknown>;
}

/** Injection token of an optional {@link OnceGuard}; libs/sessions provides it. */
export const ONCE_GUARD = Symbol('ONCE_GUARD');
