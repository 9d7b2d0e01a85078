/** JetStream's answer to a message that it has stored. */
export interface StoredAt {
  stream: string;
  seq: number;
}

/**
 * Why a publish has no ack. `refused`: JetStream said no, and `apiCode` and the text say why. `nobody`: no stream takes
 * the subject, or JetStream is starting. `denied`: this server's user may not publish there, which trying again doesn't change.
 * `unknown`: no answer, so it may be stored or not.
 */
export class NotStored extends Error {
  override readonly name = 'NotStored';
  constructor(
    readonly kind: 'refused' | 'nobody' | 'denied' | 'unknown',
    message: string,
    readonly apiCode?: number,
  ) {
    super(message);
  }
}
