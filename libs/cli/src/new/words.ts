import { expectedName, isName, type NameKind } from '@ccgame/config';

/** @throws Error that says what such a name looks like */
export function assertName(kind: NameKind, name: string): void {
  if (!isName(kind, name))
    throw new Error(`${JSON.stringify(name)} is no ${kind}: it is ${expectedName(kind)}.`);
}

/** Names that a constant of the written code can't have: words of the language, and what the same file imports or declares. */
const takenConstants = new Set(
  [
    'arguments await break case catch class const constructor continue debugger default delete do else enum eval export extends',
    'false finally for function if implements import in instanceof interface let new null package private protected public return',
    'static super switch this throw true try typeof undefined var void while with yield',
    'entity playerId roomId',
  ].flatMap((words) => words.split(' ')),
);

/** @throws Error where `new_name` would be written as a constant that is something else already */
export function assertConstant(name: string): void {
  if (takenConstants.has(camelCase(name)))
    throw new Error(`${JSON.stringify(name)} means something else in the code that would be written.`);
}

/** `send_mail`, `sendMail`, `send-mail` → `['send', 'mail']` */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());
}

/** `send_mail` → `SendMail` */
export function pascalCase(name: string): string {
  return wordsOf(name)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

/** `send_mail` → `sendMail` */
export function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return pascal[0].toLowerCase() + pascal.slice(1);
}

/** `sendMail` → `send-mail` */
export function kebabCase(name: string): string {
  return wordsOf(name).join('-');
}
