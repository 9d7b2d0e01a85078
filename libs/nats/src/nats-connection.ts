import { Logger } from '@nestjs/common';
import { TE } from '@nats-io/nats-core/internal';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { Config, errorText, parseNatsAddress, redactNatsAddress } from '@ccgame/config';
import type { NatsOptions } from './options.js';
import { notingEnd, tlsOptions } from './tls.js';
import { coalesceWrites } from './coalesce-writes.js';
import { readAtOnce } from './read-at-once.js';
import { NatsTooOld, problemOfVersion } from './nats-too-old.js';
import { surviveCallbacks } from './survive-callbacks.js';

/** Injection token of the process's one `NatsConnection`. */
export const NATS_CONNECTION = Symbol('NATS_CONNECTION');

// nats.js encodes each protocol line with a TextEncoder, which takes Node 20 some 880 ns where this takes 160.
TE.encode = (text = '') => Buffer.from(text);

const logger = new Logger('Nats');

/**
 * How long the first connection may take: longer, and the address is probably wrong, so the start fails and says so. A pod that ends is started
 * again after a pause that grows to five minutes, with NATS back long before: it waits for nearly as long as its startup probe (decision 319).
 */
const firstConnectMs = { production: 280_000, others: 30_000 };
/** A wait is told when it begins, and again each so many tries: some 10 s. */
const tellEvery = 25;

/**
 * Connects, and from then on reconnects for ever, with jitter so that a restarted NATS isn't met by all at once.
 *
 * @throws the last connection error, when there is no connection within 30 s, or 280 s in production; at once NatsTooOld, and when the CA's file
 * can't be read
 */
export async function connectNats(settings: NatsOptions): Promise<NatsConnection> {
  const { tls, ...others } = connectionOptions(settings);
  const options = { ...others, tls: notingEnd(tls) };
  const giveUpAt = performance.now() + firstConnectMs[Config.isProduction ? 'production' : 'others'];
  for (let tries = 0; ; tries++) {
    try {
      const nats = await connect(options);
      const tooOld = problemOfVersion(nats);
      if (tooOld) {
        await nats.close();
        throw tooOld;
      }
      surviveCallbacks(nats);
      coalesceWrites(nats, settings.coalesceWrites);
      readAtOnce(nats);
      return nats;
    } catch (error) {
      if (error instanceof NatsTooOld || performance.now() > giveUpAt) throw error;
      const reason = errorText(error);
      if (tries % tellEvery === 0)
        logger.warn({ event: 'nats.connect.failed', address: redactNatsAddress(settings.address), reason });
      await new Promise((resolve) => setTimeout(resolve, 250 + Math.random() * 250));
    }
  }
}

/** As {@link connectNats} connects: plain data, which a thread can be given. @throws Error when the CA's file can't be read */
export function connectionOptions({ address, name, serverType, tlsCa }: NatsOptions): ConnectionOptions {
  const { servers, user, pass, token, tls } = parseNatsAddress(address);
  return {
    servers,
    user,
    pass,
    token,
    tls: tlsOptions(tls, tlsCa),
    name,
    // Permissions keep other types from listening there.
    inboxPrefix: `_INBOX.${serverType}`,
    maxReconnectAttempts: -1,
    // Else two refusals in a row end the connection for good, as while a NATS with new accounts comes up.
    ignoreAuthErrorAbort: true,
    // A try at an address that swallows packets, as a pod's that is gone, must not hold up the next one for the default 20 s.
    timeout: 2_000,
    reconnectTimeWait: 250,
    reconnectJitter: 500,
    reconnectJitterTLS: 500,
    // A peer that is gone without a word is found in 4-6 s; the library's default is 4-6 min.
    pingInterval: 2_000,
    maxPingOut: 2,
    // Saves an Error for each request; ours carry the target instead.
    noAsyncTraces: true,
  };
}
