import { SetMetadata } from '@nestjs/common';
import type { EngineErrorCode } from '@ccgame/rpc';
import type { GameErrors } from '@ccgame/protocol';

const key = 'ccgame:answers-errors';

/** A code of the catalogue, or one of the game's own. */
type ErrorCode = EngineErrorCode | keyof typeof GameErrors | (string & {});

/**
 * Names the errors that a route or a controller answers with, for the API page. Those of wrong input, of guards and of a server that
 * can't answer are there by themselves.
 */
export function AnswersErrors(...codes: ErrorCode[]): ClassDecorator & MethodDecorator {
  return SetMetadata(key, codes);
}

/** The codes that `@AnswersErrors` names on a class or method; none where it has none. */
export function errorCodesOf(target: object): string[] {
  return (Reflect.getMetadata(key, target) as string[] | undefined) ?? [];
}
