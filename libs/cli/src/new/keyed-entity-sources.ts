import type { EntityNames } from './entity-names.js';

/** The handlers of an entity with an id of its own. */
export const keyedContract = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `import { IsString, Matches, MaxLength } from 'class-validator';
import { entity } from '@ccgame/entities';
import { clientHandler } from '@ccgame/rpc';

export class ${pascal}IdDto {
  @Matches(/^[\\w-]{1,64}$/) ${camel}Id: string;
}

export class Change${pascal}Dto extends ${pascal}IdDto {
  @IsString() @MaxLength(200) text: string;
}

export class ${pascal}View {
  /** A player's id. */
  @IsString() owner: string;
  @IsString() text: string;
}

export const ${camel} = entity({ serverType: '${type}', name: '${name}' });

/** Answered by \`${file}.controller.ts\`. */
export const create${pascal} = clientHandler({
  serverType: '${type}',
  handler: 'create_${name}',
  payload: ${pascal}IdDto,
  result: ${pascal}IdDto,
});
/** The field \`${camel}Id\` says which one is meant. */
export const read${pascal} = ${camel}.clientHandler('read_${name}', {
  payload: ${pascal}IdDto,
  result: ${pascal}View,
  id: '${camel}Id',
  input: 'query',
});
export const change${pascal} = ${camel}.clientHandler('change_${name}', {
  payload: Change${pascal}Dto,
  result: ${pascal}View,
  id: '${camel}Id',
});

/** The handlers that players may call. */
export const ${camel}Handlers = { create${pascal}, read${pascal}, change${pascal} };
`;

/** The class of an entity with an id of its own. */
export const keyedText = ({
  camel,
  pascal,
  file,
}: EntityNames): string => `import { Entity, type EntityCall, EntityOf, Handles } from '@ccgame/entities';
import { RpcError } from '@ccgame/rpc';
import { change${pascal}, type Change${pascal}Dto, ${camel}, type ${pascal}View, read${pascal} } from './${file}.contract.js';

/** One for each id that a player made up. All that is to last is in \`state\`. */
@Entity(${camel})
export class ${pascal}Entity extends EntityOf<${pascal}View, { owner: string }> {
  create({ owner }: { owner: string }): ${pascal}View {
    return { owner, text: '' };
  }

  /** For every player: a method \`admits(playerId)\` would say who may call the entity at all. */
  @Handles(read${pascal})
  read(): ${pascal}View {
    return this.state;
  }

  @Handles(change${pascal})
  change({ text }: Change${pascal}Dto, { callingPlayer }: EntityCall): ${pascal}View {
    if (callingPlayer !== this.state.owner) throw new RpcError('FORBIDDEN');
    this.state.text = text;
    return this.state;
  }
}
`;

/** An entity needs no server to be tested. */
export const keyedTest = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `import { testEntity } from '@ccgame/entities';
import { change${pascal}, read${pascal} } from './${file}.contract.js';
import { ${pascal}Entity } from './${file}.entity.js';

describe('${type}.${name}', () => {
  const ${camel}Id = 'one';

  it('keeps what its owner wrote when its server is replaced', () => {
    const one = testEntity(${pascal}Entity, { id: ${camel}Id, init: { owner: 'anna' } });
    one.call(change${pascal}, { ${camel}Id, text: 'hello' }, 'anna');
    one.moveToAnotherServer();
    expect(one.call(read${pascal}, { ${camel}Id }, 'bob')).toEqual({ owner: 'anna', text: 'hello' });
  });

  it('is changed by nobody else', () => {
    const one = testEntity(${pascal}Entity, { id: ${camel}Id, init: { owner: 'anna' } });
    const change = () => one.call(change${pascal}, { ${camel}Id, text: 'mine' }, 'bob');
    expect(change).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});
`;

/** The way in. */
export const keyedController = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `import { Controller } from '@nestjs/common';
import { EntityClient } from '@ccgame/entities';
import { callingPlayer, ClientHandler } from '@ccgame/rpc';
import { create${pascal}, ${pascal}IdDto, ${camel} } from './${file}.contract.js';

/** Lets players make entities of the kind \`${type}.${name}\`. */
@Controller()
export class ${pascal}Controller {
  constructor(private readonly entities: EntityClient) {}

  /** The player who asks is its owner. One of that id may be there already: ENTITY_EXISTS. */
  @ClientHandler(create${pascal})
  async create({ ${camel}Id }: ${pascal}IdDto): Promise<${pascal}IdDto> {
    await this.entities.create(${camel}, ${camel}Id, { owner: callingPlayer() });
    return { ${camel}Id };
  }
}
`;
