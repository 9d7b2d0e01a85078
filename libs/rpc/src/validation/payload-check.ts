import { Ajv, type ValidateFunction } from 'ajv';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import type { DtoClass, Shape } from '../contract/contract.js';
import { rulesOf } from './dto-rules.js';
import { DtoSchemas, NotCompilable } from './dto-schema.js';
import { type FieldProblem, invalid } from './invalid.js';
import { isWithin } from './json-bounds.js';
import type { Schema } from './rule-keywords.js';

/** Gives the payload as the handler gets it. Throws, or rejects with, RpcError INVALID. */
export type PayloadCheck = (payload: unknown) => unknown;

/** As strict as ValidationPipe with `whitelist` and `forbidNonWhitelisted`. */
const strict = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };

// `strict: false` would let Infinity pass for a number, which JSON can say as 1e999.
const ajv = new Ajv({ strict: false, strictNumbers: true, validateSchema: false, addUsedSchema: false });
ajv.addKeyword({
  keyword: 'satisfies',
  compile: (checks: ((value: unknown) => boolean)[]) =>
    checks.length === 1 ? checks[0] : (value: unknown) => checks.every((check) => check(value)),
  errors: false,
});

/** The check of a contract's payload. It is compiled once, with the first payload: a server has dozens, and all together were a fourteenth of its start. */
export function payloadCheckOf(shape: Shape | undefined): PayloadCheck {
  if (shape === undefined) {
    return checkNothing;
  }
  if (Array.isArray(shape)) {
    return listCheck(shape[0] as DtoClass);
  }
  return primitiveCheck(shape) ?? dtoCheck(shape as DtoClass);
}

/** True where the compiled schema does the work, false where class-validator has to. */
export function isCompilable(dto: DtoClass): boolean {
  return schemaOf(dto) !== undefined;
}

/** The name of a class without any rule: everything is unknown to it. */
export function unruledClass(shape: Shape | undefined): string | undefined {
  const type: unknown = Array.isArray(shape) ? shape[0] : shape;
  const isPrimitive = type === undefined || type === String || type === Number || type === Boolean;
  return isPrimitive || rulesOf(type as DtoClass).size > 0 ? undefined : (type as DtoClass).name;
}

/** Neither of a player's usual "nothing": `null`, `{}`. */
function checkNothing(payload: unknown): undefined {
  const isEmpty = payload === undefined || payload === null;
  if (!isEmpty && (typeof payload !== 'object' || Object.keys(payload).length > 0)) {
    throw invalid([{ field: '', rule: 'expected no payload' }]);
  }
  return undefined;
}

function primitiveCheck(shape: unknown): PayloadCheck | undefined {
  const type = new Map<unknown, string>([
    [String, 'string'],
    [Number, 'number'],
    [Boolean, 'boolean'],
  ]).get(shape);
  if (type === undefined) {
    return undefined;
  }
  return (payload) => {
    if (typeof payload !== type) {
      throw invalid([{ field: '', rule: `a ${type}` }]);
    }
    return payload;
  };
}

function listCheck(item: DtoClass): PayloadCheck {
  const check = payloadCheckOf(item);
  return (payload) => {
    if (!Array.isArray(payload)) {
      throw invalid([{ field: '', rule: 'a list' }]);
    }
    const checked: unknown[] = payload.map((one) => check(one));
    return checked.some((one) => one instanceof Promise) ? Promise.all(checked) : checked;
  };
}

function dtoCheck(dto: DtoClass): PayloadCheck {
  const schema = schemaOf(dto);
  if (!schema) {
    return (payload) => checkByClassValidator(dto, payload);
  }
  let compiled: ValidateFunction | undefined;
  return (payload) => {
    compiled ??= ajv.compile(schema);
    return accepts(compiled, payload) ? payload : explainProblems(dto, payload);
  };
}

/** Undefined for a class that JSON Schema can't express. */
function schemaOf(dto: DtoClass): Schema | undefined {
  try {
    const schemas = new DtoSchemas({ pointer: '#/definitions/', purpose: 'check' });
    const root = schemas.referenceTo(dto);
    return { ...root, definitions: schemas.definitions };
  } catch (error) {
    if (error instanceof NotCompilable) {
      return undefined;
    }
    throw error;
  }
}

/** A payload nested deep enough to end the stack is no payload; nor is one that makes a check throw. */
function accepts(compiled: ValidateFunction, payload: unknown): boolean {
  try {
    return compiled(payload);
  } catch {
    return false;
  }
}

/** More than this isn't explained field by field: class-validator would walk all of it. */
const explained = { depth: 32, entries: 256, items: 256 };

/** class-validator tells what is wrong, since it knows the texts; what Ajv refused stays refused. */
async function explainProblems(dto: DtoClass, payload: unknown): Promise<never> {
  if (isWithin(payload, explained)) await checkByClassValidator(dto, payload);
  throw invalid([{ field: '', rule: dto.name }]);
}

async function checkByClassValidator(dto: DtoClass, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw invalid([{ field: '', rule: 'an object' }]);
  }
  let errors: ValidationError[];
  let instance: object;
  try {
    instance = plainToInstance(dto, payload) as object;
    errors = await validate(instance, strict);
  } catch {
    throw invalid([{ field: '', rule: dto.name }]);
  }
  if (errors.length > 0) {
    throw invalid(errors.flatMap((error) => problems(error)));
  }
  return instance;
}

/** The rule's text, which names the property and the bound. Not the value: it may be a secret. */
function problems(error: ValidationError, above = ''): FieldProblem[] {
  const field = [above, error.property].filter(Boolean).join('.');
  return [
    ...Object.values(error.constraints ?? {}).map((rule) => ({ field, rule })),
    ...(error.children ?? []).flatMap((child) => problems(child, field)),
  ];
}
