import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Config } from '@ccgame/config';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { HttpOptions } from '../http-options.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const pointer = '#/components/schemas/';

/** The HTTP API as a page, `/docs`, and as OpenAPI, `/docs-json`. */
export function serveApiPage(app: NestFastifyApplication, { title, description = '' }: HttpOptions): void {
  const document = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion(Config.VERSION)
    .addBearerAuth({ type: 'http', description: 'The server key, for game servers' })
    .build();
  SwaggerModule.setup('docs', app, () => withSchemas(SwaggerModule.createDocument(app, document)));
}

/**
 * The decorators that validate the DTOs describe them too, so that nothing is declared twice. Only those that the paths
 * lead to are shown: what servers say to each other is declared in the same way.
 */
function withSchemas(document: OpenAPIObject): OpenAPIObject {
  const validated = validationMetadatasToSchemas({ refPointerPrefix: pointer }) as Schemas;
  const all: Schemas = { ...document.components?.schemas, ...validated };
  const shown: Schemas = {};
  const show = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = name === undefined || name in shown ? undefined : all[name];
      if (!schema) continue;
      shown[name] = schema;
      show(schema);
    }
  };
  show(document.paths);
  return { ...document, components: { ...document.components, schemas: shown } };
}
