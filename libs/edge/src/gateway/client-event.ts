/** The function that answers an event of a client that passed a callback, which most often takes one answer. */
export type Acknowledge = (...answers: unknown[]) => void;

/** An event of a client, on its way to the handlers. */
export interface ClientEvent {
  name: string;
  /** The one argument, or a list of several. */
  data: unknown;
  ack?: Acknowledge;
}
