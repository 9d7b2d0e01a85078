import { ApiParam } from '@nestjs/swagger';
import { expectedName, type NameKind, nameSchema } from '@ccgame/config';

/** Describes a part of the path that is a name of a kind: what `isName` takes. */
export function ApiNameParam(
  name: string,
  kind: NameKind,
  example?: string,
): MethodDecorator & ClassDecorator {
  const description = `${expectedName(kind)}`;
  return ApiParam({ name, description, schema: nameSchema(kind), ...(example !== undefined && { example }) });
}
