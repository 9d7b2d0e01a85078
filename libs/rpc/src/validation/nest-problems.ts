import type { HttpException } from '@nestjs/common';
import type { FieldProblem } from './invalid.js';

/** As class-validator says it by itself: `party.property c should not exist`, `each value in tags must be a string`. */
const sentence =
  /^((?:[\w$]+\.)*)(?:property ([\w$]+) should not exist$|(?:each value in )?(?:nested property )?([\w$]+) (?:must|should|is) )/;

/** The problems of an exception of Nest's own pipes: ValidationPipe lists sentences, each of which names its field. */
export function problemsOfException(exception: HttpException): FieldProblem[] {
  const response = exception.getResponse();
  const { message } = Object(response) as { message?: unknown };
  if (Array.isArray(message)) return message.map((one) => problemOf(String(one)));
  return [{ field: '', rule: typeof message === 'string' ? message : exception.message }];
}

function problemOf(rule: string): FieldProblem {
  const [, path = '', unknown, known] = sentence.exec(rule) ?? [];
  const name = unknown ?? known ?? '';
  // For an entry of a list, class-validator says the list's name once more.
  const isEntry = rule.startsWith(`${path}each value in nested property`) && path.endsWith(`${name}.`);
  return { field: isEntry ? path.slice(0, -1) : path + name, rule };
}
