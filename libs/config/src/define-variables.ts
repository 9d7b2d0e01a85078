import type { z } from 'zod';
import { ConfigError, type WrongVariable } from './config-error.js';
import { describeIssue } from './describe-issue.js';
import { environmentSchema } from './schema.js';

type Variables = Record<string, string | undefined>;

/** A variable's rule, `z.url()`; a secret's value never reaches a log or an error. */
export type VariableRule = z.ZodType | { schema: z.ZodType; isSecret: true };

type SchemaOf<R extends VariableRule> = R extends { schema: infer S extends z.ZodType } ? S : R;

const defined = new Map<string, VariableRule>();

/**
 * Declares environment variables of the game. They are checked with the framework's own when a server starts, and a wrong
 * one is named beside the others. Import the file that declares them first in each `main.ts`.
 *
 * @returns the values, typed; read from the environment at the first use
 * @throws Error when a name is taken already
 * @throws ConfigError at the first use, when a value is wrong
 */
export function defineVariables<const R extends Record<string, VariableRule>>(
  rules: R,
): { readonly [K in keyof R]: z.output<SchemaOf<R[K]>> } {
  for (const name of Object.keys(rules)) {
    if (name in environmentSchema.shape || defined.has(name)) {
      throw new Error(`The variable ${name} is declared twice`);
    }
  }
  for (const [name, rule] of Object.entries(rules)) defined.set(name, rule);
  let values: Record<string, unknown> | undefined;
  return new Proxy({} as never, {
    get: (_, name) => (values ??= readAll(rules))[String(name)],
  });
}

/** The problems of the variables that were declared so far. */
export function problemsOfDefined(given: Variables): WrongVariable[] {
  return problemsOf(Object.fromEntries(defined), given);
}

/** Names whose values must not be shown. */
export function isDefinedSecret(name: string): boolean {
  return isSecretRule(defined.get(name));
}

function readAll(rules: Record<string, VariableRule>): Record<string, unknown> {
  const given = withoutEmpty(process.env);
  const wrong = problemsOf(rules, given);
  if (wrong.length > 0) throw new ConfigError(wrong);
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [name, schemaOf(rule).parse(given[name])]),
  );
}

function problemsOf(rules: Record<string, VariableRule>, given: Variables): WrongVariable[] {
  return Object.entries(rules).flatMap(([name, rule]) =>
    issuesOf(schemaOf(rule), given[name]).map((issue) =>
      describeIssue(name, issue, given[name], isSecretRule(rule)),
    ),
  );
}

/** Zod lets out what a rule's own function throws, and that may quote a secret, as `JSON.parse` does. */
function issuesOf(schema: z.ZodType, value: string | undefined): Pick<z.core.$ZodIssue, 'message'>[] {
  try {
    return schema.safeParse(value).error?.issues ?? [];
  } catch {
    return [{ message: 'expected a value that its rule can read: the rule threw an error' }];
  }
}

/** `FOO=` in a manifest means "not given", as in a shell. */
export function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
}

function schemaOf(rule: VariableRule): z.ZodType {
  return 'isSecret' in rule ? rule.schema : rule;
}

function isSecretRule(rule: VariableRule | undefined): boolean {
  return rule !== undefined && 'isSecret' in rule;
}
