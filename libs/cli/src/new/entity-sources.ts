import type { EntityNames } from './entity-names.js';

/** The handlers of an entity for players. */
export const entityContract = ({
  type,
  name,
  camel,
  pascal,
}: EntityNames): string => `import { IsString, MaxLength } from 'class-validator';
import { entity } from '@ccgame/entities';

export class Read${pascal}Dto {
  /** The player's own id. */
  @IsString() playerId: string;
}

export class Change${pascal}Dto extends Read${pascal}Dto {
  @IsString() @MaxLength(200) text: string;
}

export class ${pascal}View {
  @IsString() text: string;
}

export const ${camel} = entity({ serverType: '${type}', name: '${name}' });
/** The field \`playerId\` says which one is meant. */
export const read${pascal} = ${camel}.clientHandler('read_${name}', {
  payload: Read${pascal}Dto,
  result: ${pascal}View,
  id: 'playerId',
  input: 'query',
});
export const change${pascal} = ${camel}.clientHandler('change_${name}', {
  payload: Change${pascal}Dto,
  result: ${pascal}View,
  id: 'playerId',
});

/** The handlers that players may call. */
export const ${camel}Handlers = { read${pascal}, change${pascal} };
`;

/** The class of an entity. */
export const entityText = ({
  camel,
  pascal,
  file,
}: EntityNames): string => `import { Entity, EntityOf, Handles } from '@ccgame/entities';
import { change${pascal}, type Change${pascal}Dto, ${camel}, type ${pascal}View, read${pascal} } from './${file}.contract.js';

/** Each player has one; its id is the player's. All that is to last is in \`state\`. The first call makes it. */
@Entity(${camel}, { createOnCall: true })
export class ${pascal}Entity extends EntityOf<${pascal}View> {
  create(): ${pascal}View {
    return { text: '' };
  }

  /** Players' calls are let in only to their own. */
  override admits(playerId: string): boolean {
    return playerId === this.id;
  }

  @Handles(read${pascal})
  read(): ${pascal}View {
    return this.state;
  }

  @Handles(change${pascal})
  change({ text }: Change${pascal}Dto): ${pascal}View {
    this.state.text = text;
    return this.state;
  }
}
`;

/** An entity needs no server to be tested. */
export const entityTest = ({
  type,
  name,
  pascal,
  file,
}: EntityNames): string => `import { testEntity } from '@ccgame/entities';
import { change${pascal}, read${pascal} } from './${file}.contract.js';
import { ${pascal}Entity } from './${file}.entity.js';

describe('${type}.${name}', () => {
  it('keeps what its player wrote when its server is replaced', () => {
    const one = testEntity(${pascal}Entity, { id: 'anna' });
    one.call(change${pascal}, { playerId: 'anna', text: 'hello' }, 'anna');
    one.moveToAnotherServer();
    expect(one.call(read${pascal}, { playerId: 'anna' }, 'anna')).toEqual({ text: 'hello' });
  });
});
`;
