import type { DtoClass } from '../contract/contract.js';
import { isTransformed, nestedType, pureCheck, rulesOf, type Rule } from './dto-rules.js';

/** A JSON Schema, with one keyword of ours: `satisfies`, a list of functions. */
export type Schema = Record<string, unknown>;

/** A class that JSON Schema can't express; class-validator itself checks it. */
export class NotCompilable extends Error {}

/** Collects the schemas of a class and of all that it nests, so that a class may contain itself. */
export class DtoSchemas {
  readonly definitions: Record<string, Schema> = {};
  private readonly names = new Map<DtoClass, string>();

  /** @throws NotCompilable */
  referenceTo(dto: DtoClass): Schema {
    let name = this.names.get(dto);
    if (name === undefined) {
      name = `${dto.name}${this.names.size}`;
      this.names.set(dto, name);
      this.definitions[name] = this.objectSchema(dto);
    }
    return { $ref: `#/definitions/${name}` };
  }

  private objectSchema(dto: DtoClass): Schema {
    const rules = rulesOf(dto);
    if (rules.size === 0 || isTransformed(dto, rules.keys())) {
      throw new NotCompilable(dto.name);
    }
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [property, ofProperty] of rules) {
      const field = this.propertySchema(dto, property, ofProperty);
      properties[property] = field.schema;
      if (field.required) {
        required.push(property);
      }
    }
    return { type: 'object', properties, required, additionalProperties: false };
  }

  private propertySchema(
    dto: DtoClass,
    property: string,
    rules: Rule[],
  ): { schema: Schema; required: boolean } {
    const conditions = rules.filter(({ type }) => type === 'conditionalValidation');
    if (conditions.some(({ name }) => name !== 'isOptional')) {
      throw new NotCompilable(`${dto.name}.${property}: ValidateIf`);
    }
    const optional = conditions.length > 0;
    const nested = nestedType(dto, property);
    const schemas: Schema[] = [];
    let required = false;
    for (const rule of rules) {
      if (rule.type === 'nestedValidation') {
        schemas.push(this.nestedSchema(nested, rule));
      } else if (rule.type === 'customValidation' || rule.type === 'isDefined') {
        const check = pureCheck(rule);
        if (!check) {
          throw new NotCompilable(`${dto.name}.${property}: ${rule.name}`);
        }
        required ||= !optional && !check(undefined);
        schemas.push(withEach(rule, nativeSchema(rule) ?? { satisfies: [check] }, rules));
      } else if (rule.type !== 'whitelistValidation' && rule.type !== 'conditionalValidation') {
        throw new NotCompilable(`${dto.name}.${property}: ${rule.type}`);
      }
    }
    if (nested && !rules.some(({ type }) => type === 'nestedValidation')) {
      throw new NotCompilable(`${dto.name}.${property}: converted, but not nested`);
    }
    const schema = mergeAll(schemas);
    return { schema: optional ? { anyOf: [{ type: 'null' }, schema] } : schema, required };
  }

  /** `@ValidateNested()` takes one object or a list of them, whatever its `each`. */
  private nestedSchema(type: DtoClass | undefined, rule: Rule): Schema {
    if (!type || (type as unknown) === Object || rule.validateIf) {
      throw new NotCompilable(`${rule.propertyName}: no @Type`);
    }
    const one = this.referenceTo(type);
    return { if: { type: 'array' }, then: { items: one }, else: one };
  }
}

/** `each` means each item of an array; a value that is no array is checked itself. */
function withEach(rule: Rule, schema: Schema, rules: Rule[]): Schema {
  if (!rule.each) {
    return schema;
  }
  const isArray = rules.some(({ name, each }) => name === 'isArray' && !each);
  return isArray ? { items: schema } : { if: { type: 'array' }, then: { items: schema }, else: schema };
}

/** Checks that Ajv does itself, faster and with the same outcome on anything JSON can hold. */
function nativeSchema({ name, constraints }: Rule): Schema | undefined {
  const bound: unknown = constraints?.[0];
  switch (name as string) {
    case 'isString':
      return { type: 'string' };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isInt':
      return { type: 'integer' };
    case 'isNumber':
      return Object.keys(Object(bound) as object).length === 0 ? { type: 'number' } : undefined;
    case 'isArray':
      return { type: 'array' };
    case 'isObject':
      return { type: 'object' };
    case 'min':
      return typeof bound === 'number' ? { type: 'number', minimum: bound } : undefined;
    case 'max':
      return typeof bound === 'number' ? { type: 'number', maximum: bound } : undefined;
    case 'arrayMaxSize':
      return typeof bound === 'number' ? { type: 'array', maxItems: bound } : undefined;
    case 'arrayMinSize':
      return typeof bound === 'number' ? { type: 'array', minItems: bound } : undefined;
    case 'isIn':
      return enumSchema(bound);
    case 'isEnum':
      return enumSchema(Object.values(Object(bound) as object));
    default:
      return undefined;
  }
}

function enumSchema(values: unknown): Schema | undefined {
  const isPrimitive = (value: unknown): boolean => value === null || /^(string|boolean)$/.test(typeof value);
  return Array.isArray(values) && values.length > 0 && values.every(isPrimitive)
    ? { enum: [...new Set(values)] }
    : undefined;
}

/** One flat schema where the parts don't name the same keyword; Ajv runs that faster than a list. */
function mergeAll(schemas: Schema[]): Schema {
  const merged: Schema = {};
  const rest: Schema[] = [];
  for (const schema of schemas) {
    const clashes = Object.keys(schema).filter((key) => key in merged && merged[key] !== schema[key]);
    if (clashes.length === 0) {
      Object.assign(merged, schema);
    } else if (clashes.every((key) => key === 'satisfies')) {
      merged.satisfies = [...(merged.satisfies as unknown[]), ...(schema.satisfies as unknown[])];
    } else {
      rest.push(schema);
    }
  }
  return rest.length > 0 ? { allOf: [merged, ...rest] } : merged;
}
