import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';
import { expectedName, isName, type NameKind } from '@ccgame/config';

/** The rule's name in class-validator. */
export const isNameRule = 'isNameOf';

/** A DTO's field that becomes part of a subject or a key: the rule of `checkName`. */
export function IsName(kind: NameKind, options?: ValidationOptions): PropertyDecorator {
  const text = (each: string): string => `${each}$property must be ${expectedName(kind)}`;
  const validator = {
    validate: (value: unknown) => isName(kind, value),
    defaultMessage: buildMessage(text, options),
  };
  return ValidateBy({ name: isNameRule, constraints: [kind], validator }, options);
}
