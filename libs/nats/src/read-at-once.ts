import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { errorText } from '@ccgame/config';

/** The parts of nats.js that read, under names of its own. */
interface Transport {
  socket?: Socket;
  isClosed: boolean;
  /** Listens to the socket, once it is connected. */
  setupHandlers: () => void;
}
interface Protocol {
  transport: Transport;
  parser: { parse: (chunk: Uint8Array) => void };
  /** Makes the transport of the next connection. */
  prepare: () => Promise<void>;
}

/**
 * Parses what comes from NATS as it comes. By itself, nats.js hands each chunk on by an async generator: some eight promises and as many
 * turns of the microtask queue, each of which costs extra on Node 20, as AsyncLocalStorage follows it (decision 416).
 */
export function readAtOnce(nats: NatsConnection): void {
  const { protocol } = nats as unknown as { protocol?: Protocol };
  if (!protocol || !isKnown(protocol)) return;
  const logger = new Logger('Nats');
  const { prepare } = protocol;
  protocol.prepare = function (this: Protocol) {
    const prepared = prepare.call(this);
    const { transport } = this;
    const { setupHandlers } = transport;
    transport.setupHandlers = () => {
      setupHandlers.call(transport);
      takeOver(this, transport, logger);
    };
    return prepared;
  };
  takeOver(protocol, protocol.transport, logger);
}

/** Another nats.js than the one that this was written for is slower, and as right. */
function isKnown({ transport, parser, prepare }: Partial<Protocol>): boolean {
  const { setupHandlers, socket } = transport ?? ({} as Partial<Transport>);
  const parts = [setupHandlers, parser?.parse, prepare].every((part) => typeof part === 'function');
  return parts && socket?.listenerCount('data') === 1;
}

/** In the next turn, when nothing is left in nats.js's own way: else a later chunk would be parsed before an earlier one. */
function takeOver(protocol: Protocol, transport: Transport, logger: Logger): void {
  setImmediate(() => {
    const { socket } = transport;
    if (transport.isClosed || !socket || protocol.transport !== transport) return;
    // Microtasks have run, so that nats.js has parsed each chunk so far. A dial that it has given up has another one in its place.
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => {
      try {
        protocol.parser.parse(chunk);
      } catch (error) {
        logger.error({ event: 'nats.unreadable', reason: errorText(error) });
        socket.destroy(error as Error);
      }
    });
  });
}
