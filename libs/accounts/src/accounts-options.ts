/** A game's options for its players' accounts. */
export interface AccountsOptions {
  /** Guests by device, `POST /v1/login`. False where all players come with tokens of the studio's own accounts. */
  guests?: GuestOptions | false;
}

/** How guests are kept. */
export interface GuestOptions {
  /**
   * How long a guest is kept who logged in once and never came back, whole seconds. From the second login of the device on
   * the guest is kept for good.
   */
  forgottenAfterSeconds: number;
}

/** Injection token of {@link GuestOptions}. */
export const GUEST_OPTIONS = Symbol('GUEST_OPTIONS');

/** A guest who never comes back is forgotten after 30 days. */
export const defaultGuests: GuestOptions = { forgottenAfterSeconds: 30 * 24 * 3600 };
