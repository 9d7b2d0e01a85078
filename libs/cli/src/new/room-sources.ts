import type { EntityNames } from './entity-names.js';

/** The messages of players to a room, and their view of it. */
export const roomContract = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `import { IsInt, IsObject, Matches, Max, Min } from 'class-validator';
import { entity } from '@ccgame/entities';
import { clientHandler } from '@ccgame/rpc';

export class Enter${pascal}Dto {
  @Matches(/^[\\w-]{1,64}$/) roomId: string;
}

export class AddTo${pascal}Dto {
  @IsInt() @Min(1) @Max(10) points: number;
}

/** The view of the members. */
export class ${pascal}View {
  /** By player. */
  @IsObject() points: Record<string, number>;
}

export const ${camel} = entity({ serverType: '${type}', name: '${name}' });

/** Answered by \`${file}.controller.ts\`. */
export const enter${pascal} = clientHandler({
  serverType: '${type}',
  handler: 'enter_${name}',
  payload: Enter${pascal}Dto,
  result: Enter${pascal}Dto,
  // The client sends it again by itself when its connection breaks.
  retryPolicy: 'safe',
});
/** It names no room: the one is meant in which the player is. */
export const addTo${pascal} = ${camel}.clientHandler('add_to_${name}', { payload: AddTo${pascal}Dto, result: ${pascal}View });

/** The handlers that players may call. The last one is the SDK's, which follows the view by it. */
export const ${camel}Handlers = { enter${pascal}, addTo${pascal}, see${pascal}: ${camel}.viewHandler() };

/** The rooms that a client follows: \`game.room('${type}.${name}')\`. */
export interface ${pascal}Rooms {
  '${type}.${name}': ${pascal}View;
}
`;

/** The class of a room. */
export const roomText = ({
  camel,
  pascal,
  file,
}: EntityNames): string => `import { Alarm, type EntityCall, Handles, type LeaveReason, Room, RoomOf } from '@ccgame/entities';
import { addTo${pascal}, type AddTo${pascal}Dto, ${camel}, type ${pascal}View } from './${file}.contract.js';

/** A room without members ends after so long: one that never ends takes memory and time for ever. */
const emptyForMs = 60_000;

/** All that is to last is in \`state\`. Time and chance come from the room, so that another server can do the same again. */
@Room(${camel}, { tickHz: 2, onRelease: 'move', leaveAfterMs: 60_000 })
export class ${pascal}Room extends RoomOf<${pascal}View> {
  create(): ${pascal}View {
    this.setAlarm('close', emptyForMs);
    return { points: {} };
  }

  override join(playerId: string): void {
    this.clearAlarm('close');
    this.state.points[playerId] ??= 0;
  }

  /** A player who was away for \`leaveAfterMs\` finds the points again at the next join, as long as the room is there. */
  override leave(playerId: string, why: LeaveReason): void {
    if (why !== 'timeout') delete this.state.points[playerId];
    if (this.members.length === 0) this.setAlarm('close', emptyForMs);
  }

  @Alarm()
  close(): void {
    this.end();
  }

  @Handles(addTo${pascal})
  addPoints({ points }: AddTo${pascal}Dto, { callingPlayer }: EntityCall): ${pascal}View {
    this.state.points[callingPlayer] += points;
    return this.state;
  }

  override view(): ${pascal}View {
    return this.state;
  }

  /** Twice a second. \`this.now\` is the room's time in ms. */
  tick(): void {}
}
`;

/** A room needs no server to be tested. */
export const roomTest = ({
  type,
  name,
  pascal,
  file,
}: EntityNames): string => `import { testRoom } from '@ccgame/entities';
import { addTo${pascal} } from './${file}.contract.js';
import { ${pascal}Room } from './${file}.room.js';

describe('${type}.${name}', () => {
  it('goes on when its server is replaced', () => {
    const room = testRoom(${pascal}Room, { seed: 1 });
    room.join('anna');
    room.call(addTo${pascal}, { points: 3 }, 'anna');
    room.moveToAnotherServer();
    expect(room.call(addTo${pascal}, { points: 1 }, 'anna')).toEqual({ points: { anna: 4 } });
  });

  it('ends some time after its last member has left', () => {
    const room = testRoom(${pascal}Room);
    room.join('anna');
    room.advance(120_000);
    room.leave('anna');
    room.advance(30_000);
    expect(room.hasEnded).toBe(false);
    room.advance(30_000);
    expect(room.hasEnded).toBe(true);
  });
});
`;

/** The way in. */
export const roomController = ({
  type,
  name,
  camel,
  pascal,
  file,
}: EntityNames): string => `import { Controller } from '@nestjs/common';
import { EntityClient } from '@ccgame/entities';
import { callingPlayer, ClientHandler, type RpcError } from '@ccgame/rpc';
import { enter${pascal}, Enter${pascal}Dto, ${camel} } from './${file}.contract.js';

/** Lets players into rooms of the kind \`${type}.${name}\`. */
@Controller()
export class ${pascal}Controller {
  constructor(private readonly entities: EntityClient) {}

  /** Opens the room where nobody has yet. Both steps may be done again without harm. */
  @ClientHandler(enter${pascal})
  async enter({ roomId }: Enter${pascal}Dto): Promise<Enter${pascal}Dto> {
    await this.entities.create(${camel}, roomId).catch((error: RpcError) => {
      if (error.code !== 'ENTITY_EXISTS') throw error;
    });
    await this.entities.join(${camel}, roomId, callingPlayer());
    return { roomId };
  }
}
`;
