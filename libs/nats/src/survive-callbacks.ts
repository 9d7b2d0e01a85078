import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import type { NatsConnection } from '@nats-io/nats-core';

/** The part of nats.js that hands messages to their subscriptions, under names of its own. */
interface Protocol {
  processMsg?: (message: { subject: Uint8Array }, data: Uint8Array) => void;
}

/**
 * A callback that throws loses its own message. By itself, nats.js ends the reading of the whole connection then: nothing comes any more
 * until two of its pings had no answer, 5 s later, and then all over again at the next such message (decision 011).
 */
export function surviveCallbacks(nats: NatsConnection): void {
  const { protocol } = nats as unknown as { protocol?: Protocol };
  if (typeof protocol?.processMsg !== 'function') return;
  const logger = new Logger('Nats');
  const processMsg = protocol.processMsg.bind(protocol);
  protocol.processMsg = (message, data) => {
    try {
      processMsg(message, data);
    } catch (error) {
      const subject = Buffer.from(message.subject).toString();
      logger.error({ event: 'nats.callback.failed', subject, reason: errorText(error), err: error });
    }
  };
}
