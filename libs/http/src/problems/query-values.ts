import { type DtoClass, DtoSchemas, type Schema } from '@ccgame/rpc';

/** A number as JSON writes it: what the schema of a query allows. `0x10` and a blank are none. */
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Makes numbers and booleans of a query's texts, where its class has rules for such: so a class needs no `@Type`. A text that
 * is none becomes NaN, or stays, and its rule refuses it.
 */
export class QueryValues {
  private readonly types = new Map<DtoClass, Map<string, unknown>>();

  convert(query: Record<string, unknown>, dto: DtoClass): Record<string, unknown> {
    const types = this.typesOf(dto);
    const values = Object.entries(query).map(([name, value]) => [name, convertText(value, types.get(name))]);
    return Object.fromEntries(values) as Record<string, unknown>;
  }

  private typesOf(dto: DtoClass): Map<string, unknown> {
    const known = this.types.get(dto);
    if (known) return known;
    const properties = new DtoSchemas({ pointer: '#/', purpose: 'describe' }).propertiesOf(dto);
    const types = new Map([...properties].map(([name, { schema }]) => [name, typeOf(schema)]));
    this.types.set(dto, types);
    return types;
  }
}

function typeOf(schema: Schema): unknown {
  const [first] = (schema.allOf as Schema[] | undefined) ?? [];
  return schema.type ?? first?.type;
}

function convertText(value: unknown, type: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'number' || type === 'integer') return number.test(value) ? Number(value) : NaN;
  if (type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}
