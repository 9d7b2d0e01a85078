import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Schema = Record<string, any>;

const validator = join(
  'node_modules',
  '@seriousme',
  'openapi-schema-validator',
  'bin',
  'validate-api-cli.js',
);

/** An OpenAPI document as a tool reads it, with none of the server's own code. */
export class ApiDocument {
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });

  constructor(readonly document: Schema) {
    this.ajv.addSchema(document, 'document');
  }

  static async fetch(address: string): Promise<ApiDocument> {
    return new ApiDocument((await (await fetch(`${address}/docs-json`)).json()) as Schema);
  }

  /** The validator's answer: `{"valid":true}` for a document of OpenAPI whose references all lead somewhere. */
  async validate(folder: string): Promise<unknown> {
    const file = join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(this.document));
    // A process of its own: it is an ES module, which Jest can't load.
    return new Promise((resolve) => {
      execFile(process.execPath, [validator, file], (_, told) => resolve(JSON.parse(told)));
    });
  }

  statusesOf(method: string, path: string): string[] {
    return Object.keys(this.operation(method, path).responses as object);
  }

  /** Whether the document allows a body. */
  allowsBody(method: string, path: string, body: unknown): boolean {
    return this.check(this.operation(method, path).requestBody.content['application/json'].schema)(body);
  }

  /** Whether it allows a query: a parameter that isn't a string is written as in JSON. */
  allowsQuery(path: string, query: string): boolean {
    const parameters = new Map<string, Schema>();
    for (const { in: place, name, schema } of this.operation('get', path).parameters as Schema[])
      if (place === 'query') parameters.set(name as string, schema as Schema);
    return [...new URLSearchParams(query)].every(([name, text]) => {
      const schema = parameters.get(name);
      return schema !== undefined && this.check(schema)(schema.type === 'string' ? text : parsed(text));
    });
  }

  /** The fault of an answer: undefined for one that is as the document says. */
  faultOfAnswer(method: string, path: string, status: number, mediaType: string, body: unknown): unknown {
    let response = this.operation(method, path).responses[status] as Schema | undefined;
    const name = /[^/]+$/.exec((response?.$ref as string | undefined) ?? '')?.[0];
    if (name !== undefined) response = this.document.components.responses[name] as Schema;
    const schema = response?.content?.[mediaType]?.schema as Schema | undefined;
    if (!schema) return `${status} of ${mediaType} is not documented`;
    const check = this.check(schema);
    return check(body) ? undefined : check.errors;
  }

  private operation(method: string, path: string): Schema {
    return this.document.paths[path][method] as Schema;
  }

  private check(schema: Schema): ValidateFunction {
    const absolute = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    return this.ajv.compile(JSON.parse(absolute) as Schema);
  }
}

/** A number with blanks around it is none. */
function parsed(text: string): unknown {
  if (text !== text.trim()) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
