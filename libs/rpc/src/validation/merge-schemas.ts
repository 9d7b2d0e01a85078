import type { Schema } from './rule-keywords.js';

/** One flat schema where the parts don't name the same keyword; Ajv runs that faster than a list, and people read it so. */
export function mergeSchemas(schemas: Schema[]): Schema {
  const merged: Schema = {};
  const rest: Schema[] = [];
  for (const schema of withoutWiderTypes(withOneItems(schemas))) {
    const clashes = Object.keys(schema).filter((key) => key in merged && merged[key] !== schema[key]);
    if (clashes.length === 0) {
      Object.assign(merged, schema);
    } else if (clashes.every((key) => key === 'satisfies')) {
      const satisfies = [...(merged.satisfies as unknown[]), ...(schema.satisfies as unknown[])];
      Object.assign(merged, schema, { satisfies });
    } else {
      rest.push(schema);
    }
  }
  return rest.length > 0 ? { allOf: [merged, ...rest] } : merged;
}

/** Joins the rules of several parts about the items of a list. */
function withOneItems(schemas: Schema[]): Schema[] {
  const items = schemas.flatMap((schema) => (schema.items ? [schema.items as Schema] : []));
  if (items.length < 2) return schemas;
  const others = schemas.map(({ items: _, ...schema }) => schema);
  return [...others, { items: mergeSchemas(items) }];
}

/** An integer is a number. */
function withoutWiderTypes(schemas: Schema[]): Schema[] {
  if (!schemas.some(({ type }) => type === 'integer')) return schemas;
  return schemas.map((schema) => (schema.type === 'number' ? { ...schema, type: 'integer' } : schema));
}
