import type { EntityNames } from './entity-names.js';

/** The handlers of an entity with an id of its own. */
export const keyedContract = (names: EntityNames): string => `${shapesText(names)}
${handlersText(names)}`;

const shapesText = ({
  camel,
  pascal,
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
`;

const handlersText = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `export const ${camel} = entity({ serverType: '${type}', name: '${name}' });

/** Answered by \`${file}.controller.ts\`. */
export const create${pascal} = clientHandler({
  serverType: '${type}',
  handler: 'create_${name}',
  payload: ${pascal}IdDto,
  result: ${pascal}IdDto,
  // The client sends it again by itself when its connection breaks.
  retryPolicy: 'safe',
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
/** For servers. */
export const ownerOf${pascal} = ${camel}.serverHandler('owner_of_${name}', { result: String, input: 'query' });

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
import { change${pascal}, type Change${pascal}Dto, ${camel}, type ${pascal}View, ownerOf${pascal}, read${pascal} } from './${file}.contract.js';

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

  @Handles(ownerOf${pascal})
  owner(): string {
    return this.state.owner;
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
import { change${pascal}, ownerOf${pascal}, read${pascal} } from './${file}.contract.js';
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
    expect(one.call(ownerOf${pascal}, undefined)).toBe('anna');
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
import { callingPlayer, ClientHandler, type RpcError } from '@ccgame/rpc';
import { create${pascal}, ${pascal}IdDto, ${camel}, ownerOf${pascal} } from './${file}.contract.js';

/** Lets players make entities of the kind \`${type}.${name}\`. */
@Controller()
export class ${pascal}Controller {
  constructor(private readonly entities: EntityClient) {}

  /** The player who asks is its owner. It may be asked again without harm. ENTITY_EXISTS: another player has one of that id. */
  @ClientHandler(create${pascal})
  async create({ ${camel}Id }: ${pascal}IdDto): Promise<${pascal}IdDto> {
    const owner = callingPlayer();
    await this.entities.create(${camel}, ${camel}Id, { owner }).catch(async (error: RpcError) => {
      if (error.code !== 'ENTITY_EXISTS') throw error;
      if ((await this.entities.call(ownerOf${pascal}, ${camel}Id, undefined)) !== owner) throw error;
    });
    return { ${camel}Id };
  }
}
`;
