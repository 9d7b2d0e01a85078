import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { HttpOptions } from '../http-options.js';
import { apiDocument } from './api-document.js';

/** The HTTP API as a page, `/docs`, and as OpenAPI, `/docs-json` and `/docs-yaml`. */
export function serveApiPage(app: NestFastifyApplication, options: HttpOptions): void {
  SwaggerModule.setup('docs', app, () => apiDocument(app, options));
}
