import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config } from '@ccgame/config';
import { TrafficCounter } from '@ccgame/releases';
import { ForwardRequests } from './forwarding/forward-requests.js';

/** Counts every request by its route's pattern; one that fits no route is nobody's fault, and a forwarded one is counted where it is answered. */
export function countTraffic(app: NestFastifyApplication): void {
  const traffic = app.get(TrafficCounter);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined && url !== '/' && !app.get(ForwardRequests).hasForwarded(request)) {
      traffic.countRequest(
        Config.VERSION,
        `${request.method} ${url}`,
        reply.elapsedTime,
        reply.statusCode >= 400,
      );
    }
    done();
  });
}
