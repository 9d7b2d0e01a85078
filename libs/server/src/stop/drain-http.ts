import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Drain } from './drain.js';

/** Nobody was heard for so long: the routers to us have heard of the stop. */
const quietMs = 500;
/** Clients that go on sending are served for so long. */
const longestMs = 10_000;
/** The time that the rest of the stop needs, ms. */
const reserveMs = 3_000;
const lookEveryMs = 50;

/**
 * A stop fails no request. The routers before this server hear of it a moment later, over connections that they keep: until
 * it is quiet, every request is answered, and each answer says that its connection ends with it. Closing at once would
 * reset the request that is just on its way.
 */
export function drainHttp(app: NestFastifyApplication): void {
  let heardAt = 0;
  let isDraining = false;
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // A load balancer's probe is nobody's request.
    if (request.url !== '/') heardAt = performance.now();
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isDraining) void reply.header('connection', 'close');
    done();
  });
  app.get(Drain).addStep('http', async (deadline) => {
    isDraining = true;
    heardAt = performance.now();
    const endsAt = Math.min(performance.now() + longestMs, deadline - reserveMs);
    while (performance.now() < endsAt && performance.now() - heardAt < quietMs) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  });
}
