import type { Server } from 'node:http';
import type { NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config } from '@ccgame/config';
import { RpcServer } from '@ccgame/rpc';
import type { FastifyHttpOptions } from 'fastify';
import { listenHost, requestLimits } from './listen.js';
import { drainHttp } from './stop/drain-http.js';
import { useProvidedAdapter } from './web-socket-adapter.js';

/**
 * How long a connection may be idle, ms. Longer than any load balancer keeps it (Google's 600 s, Traefik's 90 s, nginx's and
 * Amazon's 60 s), or a request meets one that is just being closed.
 */
const keepAliveTimeout = 620_000;
/** Bytes of a request's body; what players and game servers send is far smaller. */
const bodyLimit = 64 * 1024;

/** How a server's HTTP side is built. */
export interface HttpSetup {
  /** Options that Fastify takes at its creation only. */
  fastify?: FastifyHttpOptions<Server>;
  setUp(app: NestFastifyApplication): void | Promise<void>;
}

/** Starts a server that speaks HTTP beside RPC. A file of its own: the others load no Fastify. */
export async function openHttp(
  root: Type,
  door: HttpSetup,
  options: NestApplicationOptions,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new FastifyAdapter({
      trustProxy: Config.TRUSTED_PROXIES,
      bodyLimit,
      keepAliveTimeout,
      return503OnClosing: false,
      requestTimeout: requestLimits.requestTimeout,
      ...door.fastify,
      http: { ...requestLimits, ...door.fastify?.http },
    }),
    options,
  );
  useProvidedAdapter(app);
  app.connectMicroservice({ strategy: app.get(RpcServer) }, { inheritAppConfig: false });
  drainHttp(app);
  await door.setUp(app);
  // Begun first: a call that came before would meet modules that have nothing yet.
  await app.init();
  await app.startAllMicroservices();
  await app.listen(Config.HTTP_PORT, await listenHost());
  return app;
}
