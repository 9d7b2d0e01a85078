import { ValidationPipe } from '@nestjs/common';
import { RpcError } from '#rpc';
import type { ValidationError } from 'class-validator';
import type { FieldProblem } from './problem.js';

/** Refuses a body with a wrong or unknown field, and names all of them at once. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new RpcError('INVALID', { details: { errors: errors.flatMap((error) => fields(error)) } }),
  });
}

function fields(error: ValidationError, parent = ''): FieldProblem[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = error.constraints ? [{ field, expected: Object.values(error.constraints) }] : [];
  return [...own, ...(error.children ?? []).flatMap((child) => fields(child, field))];
}
