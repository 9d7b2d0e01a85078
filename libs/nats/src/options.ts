/** How a process connects to NATS. */
export interface NatsOptions {
  /** One or more addresses by comma, `nats://user:password@host:4222`. */
  address: string;
  /** The connection's name on the NATS side: the server's id. */
  name: string;
  /** Its inboxes begin with it: permissions keep other types from listening there. */
  serverType: string;
  /** The file of the CA that signed NATS' certificate (PEM): the connection is by TLS then. */
  tlsCa?: string;
  /** Whether all that one turn of the event loop publishes leaves in one write. False: all of one microtask queue. */
  coalesceWrites: boolean;
}
