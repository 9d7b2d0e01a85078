import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { type DtoClass, type DtoSchemas, isDtoClass, type Schema } from '@ccgame/rpc';
import type { DeclaredHandler } from './handlers.js';
import { problemsOfOperation } from './problem-responses.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = Record<string, unknown> & { name: string; in: string };

const json = 'application/json';

/** Completes what Nest knows of an operation: body, query, answers, errors. */
export function describeOperation(operation: Operation, handler: DeclaredHandler, schemas: DtoSchemas): void {
  const { body, query, answers } = handler;
  if (body) {
    const declared = operation.requestBody as { content?: object } | undefined;
    const mediaTypes = Object.keys(declared?.content ?? {});
    const types = mediaTypes.length > 0 ? mediaTypes : [json];
    const schema = schemas.referenceTo(body);
    operation.requestBody = {
      required: true,
      content: Object.fromEntries(types.map((type) => [type, { schema }])),
    };
  }
  if (query) describeQuery(operation, query, schemas);
  const responses = operation.responses as unknown as Record<string, Record<string, unknown>>;
  for (const [status, { type, isArray }] of Object.entries(answers)) {
    const response = responses[status];
    if (response) response.description ||= STATUS_CODES[status] ?? status;
    if (!response || !isDtoClass(type)) continue;
    const one = schemas.referenceTo(type);
    response.content = { [json]: { schema: isArray ? { type: 'array', items: one } : one } };
  }
  const isSecured = (operation.security ?? []).length > 0;
  Object.assign(responses, { ...problemsOfOperation(handler, isSecured), ...responses });
}

/** One parameter a property; `@ApiProperty` of the property gives it words. */
function describeQuery(operation: Operation, query: DtoClass, schemas: DtoSchemas): void {
  const parameters = (operation.parameters ?? []) as unknown as Parameter[];
  const described = new Map(parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]));
  for (const [name, { schema, isRequired }] of schemas.propertiesOf(query)) {
    const { description, example, deprecated } = described.get(`query ${name}`) ?? ({} as Partial<Parameter>);
    const words = JSON.parse(JSON.stringify({ description, example, deprecated })) as object;
    described.set(`query ${name}`, {
      name,
      in: 'query',
      required: isRequired,
      ...words,
      schema: schema satisfies Schema,
    });
  }
  operation.parameters = [...described.values()] as never;
}
