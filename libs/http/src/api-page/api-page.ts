import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { Config } from '@ccgame/config';
import { socketDocument } from '@ccgame/protocol';
import type { HttpOptions } from '../http-options.js';
import { apiDocument } from './api-document.js';

/** Served beside `/docs-json`. */
const socketPath = '/docs/asyncapi.json';

/**
 * The HTTP API as a page, `/docs`, and as OpenAPI, `/docs-json` and `/docs-yaml`; the socket API as AsyncAPI, to which the page leads.
 */
export function serveApiPage(app: NestFastifyApplication, options: HttpOptions): void {
  const { contracts, title, description = '' } = options;
  if (contracts) serveSocketDocument(app, title, contracts);
  const socket = contracts ? ` The socket API is described by [AsyncAPI](${socketPath}).` : '';
  SwaggerModule.setup('docs', app, () => apiDocument(app, { title, description: description + socket }));
}

function serveSocketDocument(
  app: NestFastifyApplication,
  title: string,
  contracts: NonNullable<HttpOptions['contracts']>,
): void {
  // With the request's own host: whoever fetched it here finds the sockets there too.
  app
    .getHttpAdapter()
    .getInstance()
    .get(socketPath, async ({ host }) =>
      socketDocument(await contracts(), { title, version: Config.VERSION, host }),
    );
}
