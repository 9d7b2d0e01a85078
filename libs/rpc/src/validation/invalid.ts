import { RpcError, type RpcErrorOptions } from '../errors.js';

/** One wrong field, over RPC, sockets and HTTP alike. */
export interface FieldProblem {
  /** `party.members.0.uid`; empty for the payload itself. */
  field: string;
  /** The rule that it breaks, as a text for people. Never the value: it may be a secret. */
  rule: string;
}

/** So many are told at most: a caller needs no more, and the list stays short whatever was sent. */
const mostProblems = 10;
const mostCharacters = 200;

/**
 * INVALID in its one shape: `details: { problems: [{ field, rule }] }`.
 *
 * @param log what the log is told in place of the problems, and no player
 */
export function invalid(
  problems: readonly FieldProblem[],
  log?: Pick<RpcErrorOptions, 'message' | 'cause'>,
): RpcError {
  const told = problems.slice(0, mostProblems).map(({ field, rule }) => ({
    field: field.slice(0, mostCharacters),
    rule: rule.slice(0, mostCharacters),
  }));
  const message = told.map(({ field, rule }) => (field ? `${field}: ${rule}` : rule)).join('; ');
  return new RpcError('INVALID', { message, ...log, details: { problems: told } });
}
