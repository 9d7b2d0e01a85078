/** The socket.io events between a client and a connector. */
export enum EventType {
  /** From a server, unasked for. */
  PUSH = 'Push',
  /** From a client that wants no answer. */
  NOTIFY = 'Notify',
  /** From a client that gets one {@link EventType.RESPONSE}. */
  REQUEST = 'Request',
  RESPONSE = 'Response',
  /** The place of a client without the SDK that has had no push for a while: socket.io keeps it by itself. */
  POSITION = 'Position',
}
