import { expectedName, isName } from '@ccgame/config';
import type { Rule } from './table.js';

/** RFC 9110, a token. */
const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
/** A header as Node reads it, without the blanks around it. */
const headerText = /^([!-~\x80-\xff]([\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

/** Whether a header may have that name. */
export function isHeaderName(text: string): boolean {
  return token.test(text);
}

/**
 * Why no client can fit a rule, in sentences: nobody sends such a header or cookie, or has such an id. Empty where some can. It is asked when
 * a rule is made, and not when a table is read: one that has such a rule already stays in force.
 */
export function ruleProblems({ header, cookie, players = [] }: Rule): string[] {
  const problems: string[] = [];
  if (header && !isHeaderName(header.name))
    problems.push(`No header is named ${JSON.stringify(header.name)}.`);
  if (header && !headerText.test(header.value))
    problems.push(`No header has the value ${JSON.stringify(header.value)}.`);
  if (cookie && [cookie.name, cookie.value].some((text) => !headerText.test(text) || text.includes(';')))
    problems.push(`No cookie is ${JSON.stringify(`${cookie.name}=${cookie.value}`)}.`);
  const stranger = players.find((id) => !isName('playerId', id));
  if (stranger !== undefined)
    problems.push(`No player has the id ${JSON.stringify(stranger)}: it is ${expectedName('playerId')}.`);
  return problems;
}
