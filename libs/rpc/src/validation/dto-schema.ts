import type { DtoClass } from '../contract/contract.js';
import {
  defaultsOf,
  isPropertyTransformed,
  isTransformed,
  nestedType,
  pureCheck,
  rulesOf,
  type Rule,
} from './dto-rules.js';
import { mergeSchemas } from './merge-schemas.js';
import { ruleKeywords, type Schema } from './rule-keywords.js';

/** A class that JSON Schema can't express; class-validator itself checks it. */
export class NotCompilable extends Error {}

/** The purpose of a schema, and how it refers to others. */
export interface DtoSchemaOptions {
  /** The prefix of a reference. */
  pointer: string;
  /**
   * `check`: the schema decides, with `satisfies` where JSON Schema has no words; `NotCompilable` is thrown for the rest.
   * `describe`: plain JSON Schema, which allows whatever it has no words for.
   */
  purpose: 'check' | 'describe';
}

/** One property of a class. */
export interface PropertySchema {
  schema: Schema;
  isRequired: boolean;
  /** `null` is allowed as well. */
  isNullable: boolean;
}

/**
 * The one converter from the rules of class-validator to JSON Schema: servers check payloads by it, and documents show it.
 * Collects the schemas of a class and of all that it nests, so that a class may contain itself.
 */
export class DtoSchemas {
  /** By the name that a reference ends with. */
  readonly definitions: Record<string, Schema> = {};
  private readonly names = new Map<DtoClass, string>();

  constructor(private readonly options: DtoSchemaOptions) {}

  /** @throws NotCompilable */
  referenceTo(dto: DtoClass): Schema {
    const name = this.names.get(dto) ?? this.define(dto);
    return { $ref: `${this.options.pointer}${name}` };
  }

  /** @throws NotCompilable */
  propertiesOf(dto: DtoClass): Map<string, PropertySchema> {
    const rules = rulesOf(dto);
    if (this.isChecking && (rules.size === 0 || isTransformed(dto, rules.keys()))) {
      throw new NotCompilable(dto.name);
    }
    return new Map(
      [...rules].map(([property, ofProperty]) => [property, this.propertySchema(dto, property, ofProperty)]),
    );
  }

  private get isChecking(): boolean {
    return this.options.purpose === 'check';
  }

  private define(dto: DtoClass): string {
    let name = dto.name;
    for (let count = 2; name in this.definitions; count++) name = `${dto.name}${count}`;
    this.names.set(dto, name);
    // Stands there before its properties are looked at: they may lead back to it.
    this.definitions[name] = {};
    Object.assign(this.definitions[name], this.objectSchema(dto));
    return name;
  }

  private objectSchema(dto: DtoClass): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [property, { schema, isRequired, isNullable }] of this.propertiesOf(dto)) {
      properties[property] = isNullable ? { anyOf: [{ type: 'null' }, schema] } : schema;
      if (isRequired) required.push(property);
    }
    return {
      type: 'object',
      properties,
      ...((this.isChecking || required.length > 0) && { required }),
      additionalProperties: false,
    };
  }

  private propertySchema(dto: DtoClass, property: string, rules: Rule[]): PropertySchema {
    const conditions = rules.filter(({ type }) => type === 'conditionalValidation');
    const isNullable = conditions.some(({ name }) => name === 'isOptional');
    const isOpen =
      conditions.some(({ name }) => name !== 'isOptional') || isPropertyTransformed(dto, property);
    if (isOpen) {
      this.refuseToCheck(`${dto.name}.${property}: ValidateIf or Transform`);
      return { schema: {}, isRequired: false, isNullable: false };
    }
    const nested = nestedType(dto, property);
    if (nested && !rules.some(({ type }) => type === 'nestedValidation'))
      this.refuseToCheck(`${dto.name}.${property}: converted, but not nested`);
    const schema = mergeSchemas(rules.map((rule) => this.ruleSchema(rule, nested, rules)));
    const isRequired = !isNullable && rules.some(refusesNothing);
    if (this.isChecking) return { schema, isRequired, isNullable };
    const filledIn = defaultsOf(dto)[property];
    return filledIn === undefined
      ? { schema, isRequired, isNullable }
      : { schema: { ...schema, default: filledIn }, isRequired: false, isNullable };
  }

  private ruleSchema(rule: Rule, nested: DtoClass | undefined, rules: Rule[]): Schema {
    switch (rule.type) {
      case 'whitelistValidation':
      case 'conditionalValidation':
        return {};
      case 'nestedValidation':
        return this.nestedSchema(nested, rule, rules);
      case 'customValidation':
      case 'isDefined':
        return withEach(rule, this.checkedSchema(rule), rules);
      default:
        this.refuseToCheck(`${rule.propertyName}: ${rule.type}`);
        return {};
    }
  }

  private checkedSchema(rule: Rule): Schema {
    const { keywords, decides } = ruleKeywords(rule) ?? { keywords: {}, decides: 'rule' };
    if (!this.isChecking) return keywords;
    const check = pureCheck(rule);
    if (!check) throw new NotCompilable(`${rule.propertyName}: ${rule.name}`);
    if (decides === 'keywords') return keywords;
    return { ...(decides === 'both' && keywords), satisfies: [check] };
  }

  /** `@ValidateNested()` takes one object or a list of them, whatever its `each`. */
  private nestedSchema(type: DtoClass | undefined, rule: Rule, rules: Rule[]): Schema {
    if (!type || (type as unknown) === Object || rule.validateIf) {
      this.refuseToCheck(`${rule.propertyName}: no @Type`);
      return {};
    }
    const one = this.referenceTo(type);
    if (isListOnly(rules)) return { items: one };
    return this.isChecking
      ? { if: { type: 'array' }, then: { items: one }, else: one }
      : { anyOf: [one, { type: 'array', items: one }] };
  }

  private refuseToCheck(what: string): void {
    if (this.isChecking) throw new NotCompilable(what);
  }
}

function refusesNothing(rule: Rule): boolean {
  return rule.type !== 'nestedValidation' && pureCheck(rule)?.(undefined) === false;
}

/** Whether another rule lets nothing but a list through. */
function isListOnly(rules: Rule[]): boolean {
  return rules.some((rule) => !rule.each && ruleKeywords(rule)?.keywords.type === 'array');
}

/** `each` means each item of an array; a value that is no array is checked itself. */
function withEach(rule: Rule, schema: Schema, rules: Rule[]): Schema {
  if (!rule.each || Object.keys(schema).length === 0) return schema;
  if (isListOnly(rules)) return { items: schema };
  return { if: { type: 'array' }, then: { items: schema }, else: schema };
}
