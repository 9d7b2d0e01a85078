import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config } from '@ccgame/config';
import { TrafficCounter } from '@ccgame/releases';
import type { FastifyRequest } from 'fastify';
import { ForwardRequests } from './forwarding/forward-requests.js';
import { CallerAddresses } from './limits/caller-addresses.js';
import { metrics } from './metrics.js';
import { noRoute, routeOf } from './route-of.js';

/** Counts every request by its route's pattern. */
export function countTraffic(app: NestFastifyApplication): void {
  const traffic = app.get(TrafficCounter);
  const forwarding = app.get(ForwardRequests);
  const callers = new CallerAddresses();
  const fastify = app.getHttpAdapter().getInstance();
  const counted = new WeakSet<FastifyRequest>();
  // Without proxies that are trusted, an address may be that of a balancer before all players.
  const isKnown = Config.TRUSTED_PROXIES !== false;
  const callerOf = (request: FastifyRequest): string | undefined =>
    isKnown ? callers.clientOf(request) : undefined;
  const endRequest = (request: FastifyRequest): void => {
    if (counted.delete(request)) metrics.inFlight.dec();
  };
  fastify.addHook('onRequest', (request, _, done) => {
    counted.add(request);
    metrics.inFlight.inc();
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    endRequest(request);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    endRequest(request);
    const { elapsedTime: ms, statusCode: status } = reply;
    const route = routeOf(request);
    metrics.requests.inc({ route, status });
    metrics.requestSeconds.observe({ route }, ms / 1_000);
    const missed = forwarding.missedVersion(request);
    // One that fits no route is nobody's fault, and a forwarded one is counted where it is answered.
    if (forwarding.hasForwarded(request)) metrics.forwarded.inc();
    else if (missed !== undefined || (route !== noRoute && request.routeOptions.url !== '/'))
      traffic.countRequest(missed ?? Config.VERSION, route, status, ms, callerOf(request));
    done();
  });
}
