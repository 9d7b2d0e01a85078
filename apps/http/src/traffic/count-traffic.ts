import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config } from '#config';
import { TrafficCounter } from '#releases';

/** Counts every request by its route's pattern; one that fits no route is nobody's fault. */
export function countTraffic(app: NestFastifyApplication): void {
  const traffic = app.get(TrafficCounter);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onResponse', (request, reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined) {
      traffic.count(Config.VERSION, `${request.method} ${url}`, reply.elapsedTime, reply.statusCode >= 400);
    }
    done();
  });
}
