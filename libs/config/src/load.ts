import type { z } from 'zod';
import { ConfigError, type WrongVariable } from './config-error.js';
import { parseNatsAddress } from './nats-address.js';
import { missingVariables, type NeededVariables } from './needed-variables.js';
import { problemsOfDefined, withoutEmpty } from './define-variables.js';
import { describeIssue } from './describe-issue.js';
import { environmentSchema, secretVariables, type Environment } from './schema.js';
import { weaknessOf } from './secret-weakness.js';

type Variables = Record<string, string | undefined>;

/** The whole environment of a server: validated, and typed. */
export interface ServerConfig extends Environment {
  /** False only where a built-in secret is harmless: on a laptop and in tests. */
  readonly isProduction: boolean;
}

const developmentEnvironments = ['development', 'dev', 'test', 'local'];

/** Known to everyone who reads this file: good for a laptop, refused elsewhere. */
const developmentSecrets = {
  TOKEN_SECRET: 'development-only-token-secret-0000',
  SERVER_KEY: 'development-only-server-key-000000',
};

/** Tokens are signed and checked by TOKEN_SECRET where no key is given. */
const developmentDefaults = { ...developmentSecrets, TOKEN_SIGNING_KEY: '', TOKEN_PUBLIC_KEYS: '' };

/**
 * Turns an environment into the typed configuration.
 *
 * @param fallbackType the server type where SERVER_TYPE is not set: outside Kubernetes, the name of the file that runs.
 * @param needed what this server type can't do without.
 * @throws ConfigError naming every wrong variable.
 */
export function loadConfig(
  variables: Variables,
  fallbackType: string,
  needed: NeededVariables = [],
): ServerConfig {
  const given = withoutEmpty(variables);
  const isProduction = !developmentEnvironments.includes(given.NODE_ENV ?? 'development');
  const type = given.SERVER_TYPE ?? fallbackType;
  const wrong: WrongVariable[] = [];
  const parsed = environmentSchema.safeParse({
    ...(isProduction ? {} : developmentSecrets),
    ...given,
    SERVER_TYPE: type,
    SERVER_ID: given.SERVER_ID ?? `${type}-local-0`,
    // The original manifests give both names to one port.
    HTTP_PORT: given.HTTP_PORT ?? given.SERVER_PORT,
  });
  if (!parsed.success) {
    wrong.push(...parsed.error.issues.map((issue) => describeProblem(issue, given)));
  }
  wrong.push(...missingVariables(isProduction ? given : { ...developmentDefaults, ...given }, needed));
  wrong.push(...tokenProblems(given, isProduction), ...proxyProblems(given));
  if (given.HTTP_PORT && given.SERVER_PORT && given.HTTP_PORT !== given.SERVER_PORT) {
    wrong.push({
      name: 'SERVER_PORT',
      expected: `expected HTTP_PORT's value (${given.HTTP_PORT}) or nothing`,
      found: given.SERVER_PORT,
    });
  }
  if (given.SERVER_ID && !given.SERVER_ID.startsWith(`${type}-`)) {
    wrong.push({
      name: 'SERVER_ID',
      expected: `expected to start with the server type, "${type}-"`,
      found: given.SERVER_ID,
    });
  }
  if (isProduction && parsed.success) wrong.push(...weakSecrets(parsed.data));
  wrong.push(...problemsOfDefined(given));
  if (wrong.length > 0 || !parsed.success) {
    throw new ConfigError(wrong);
  }
  return Object.freeze({ ...parsed.data, isProduction });
}

/** Secrets that are published or easy to guess: to know one is to be any player, or any game server. */
function weakSecrets({ SERVER_KEY, NATS_ADDRESS }: Environment): WrongVariable[] {
  const { pass, token } = parseNatsAddress(NATS_ADDRESS);
  const password = pass ?? token;
  const secrets = { SERVER_KEY: SERVER_KEY ?? [], NATS_ADDRESS: password === undefined ? [] : [password] };
  return Object.entries(secrets).flatMap(([name, all]) => {
    const weakness = all.map(weaknessOf).find((one) => one !== undefined);
    return weakness === undefined
      ? []
      : [{ name, expected: `expected a random secret, but this is ${weakness}`, found: '[hidden]' }];
  });
}

/** A server that can check HS256 can sign it too; and a JWK set of any issuer's says nothing about whose players they are. */
function tokenProblems(given: Variables, isProduction: boolean): WrongVariable[] {
  const problems: WrongVariable[] = [];
  if (isProduction && given.TOKEN_SECRET) {
    const expected = 'expected nothing in production: TOKEN_SIGNING_KEY signs and TOKEN_PUBLIC_KEYS check';
    problems.push({ name: 'TOKEN_SECRET', expected, found: '[hidden]' });
  }
  if (given.TOKEN_JWKS_URL) problems.push(...missingVariables(given, ['TOKEN_ISSUER', 'TOKEN_AUDIENCE']));
  return problems;
}

/** The header is read of those proxies alone: with none of them it stands before each request, and nobody gets in. */
function proxyProblems({ PROXY_PROTOCOL, TRUSTED_PROXIES }: Variables): WrongVariable[] {
  if (PROXY_PROTOCOL !== 'on' || TRUSTED_PROXIES !== 'none') return [];
  const expected = 'expected the networks of the balancer that writes the header of PROXY_PROTOCOL';
  return [{ name: 'TRUSTED_PROXIES', expected, found: TRUSTED_PROXIES }];
}

function describeProblem(issue: z.core.$ZodIssue, given: Variables): WrongVariable {
  const name = String(issue.path[0]);
  return describeIssue(name, issue, given[name], (secretVariables as readonly string[]).includes(name));
}
