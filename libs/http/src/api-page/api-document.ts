import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Config } from '@ccgame/config';
import { DtoSchemas, type Schema } from '@ccgame/rpc';
import type { HttpOptions } from '../http-options.js';
import { describeOperation } from './describe-operation.js';
import { findHandlers, operationIdOf } from './handlers.js';
import { problemResponses } from './problem-responses.js';

type Schemas = Record<string, Schema>;

const pointer = '#/components/schemas/';
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/**
 * The OpenAPI document of an app. Its paths are Nest's; what bodies, queries and answers look like is said by the rules that
 * check them (`DtoSchemas`), so that nothing is declared twice. Errors are problem details.
 */
export function apiDocument(
  app: INestApplication,
  { title, description = '' }: Pick<HttpOptions, 'title' | 'description'>,
): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, documentHead(title, description), {
    operationIdFactory: operationIdOf,
  });
  const schemas = new DtoSchemas({ pointer, purpose: 'describe' });
  const handlers = findHandlers(app);
  for (const path of Object.values(document.paths)) {
    for (const method of methods) {
      const operation = path[method];
      const handler = handlers.get(operation?.operationId ?? '');
      if (operation && handler) describeOperation(operation, handler, schemas);
    }
  }
  const responses = problemResponses(schemas);
  const known = withWords(schemas.definitions, (document.components?.schemas ?? {}) as Schemas);
  const components = { responses, schemas: shownSchemas([document.paths, responses], known) };
  return { ...document, components: { ...document.components, ...(components as object) } };
}

function documentHead(title: string, description: string): Omit<OpenAPIObject, 'paths'> {
  return new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(title)
    .setDescription(description)
    .setVersion(Config.VERSION)
    .addBearerAuth({ type: 'http', description: 'The token of the login' }, 'player')
    .addBearerAuth({ type: 'http', description: 'The server key, for game servers' }, 'serverKey')
    .build();
}

/** The rules' schemas, with the words for people that `@ApiProperty` gives; of a class without rules, what it gives alone. */
function withWords(ofRules: Schemas, ofSwagger: Schemas): Schemas {
  const known: Schemas = { ...ofSwagger, ...ofRules };
  for (const [name, schema] of Object.entries(ofRules)) {
    const words = Object(ofSwagger[name]?.properties) as Schemas;
    for (const [property, described] of Object.entries(Object(schema.properties) as Schemas)) {
      const { description, example, deprecated } = words[property] ?? {};
      Object.assign(described, JSON.parse(JSON.stringify({ description, example, deprecated })));
    }
  }
  return known;
}

/** Those that the paths lead to. */
function shownSchemas(from: unknown[], known: Schemas): Schemas {
  const shown: Schemas = {};
  const show = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = known[name];
      if (name in shown || !schema) continue;
      shown[name] = schema;
      show(schema);
    }
  };
  from.forEach(show);
  return shown;
}
