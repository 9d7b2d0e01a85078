import { IsIn, IsInt, IsOptional, IsString } from 'class-validator';
import { entity } from '@ccgame/entities';

export class AddDto {
  @IsString() counterId: string;
  @IsInt() by: number;
}

export class CounterValue {
  @IsInt() value: number;
  /** How many inputs came to that. */
  @IsInt() inputs: number;
}

export class LaterDto {
  @IsInt() by: number;
  @IsInt() afterMs: number;
}

export class PayDto {
  @IsString() counterId: string;
  @IsInt() by: number;
}

export class SizeDto {
  @IsInt() bytes: number;
}

/** Left out, it is the room that the player is in. */
export class MoveDto {
  @IsOptional() @IsString() roomId?: string;
  @IsIn(['left', 'right', 'up', 'down']) to: 'left' | 'right' | 'up' | 'down';
}

export class RoomView {
  @IsInt() tick: number;
  @IsInt() moves: number;
  @IsInt({ each: true }) rolls: number[];
  @IsString({ each: true }) members: string[];
}

/** Two kinds of entities of one server type, which share its partitions. */
export const counter = entity({ serverType: 'play', name: 'counter', partitions: 4 });
export const add = counter.clientHandler('add', { payload: AddDto, result: CounterValue, id: 'counterId' });
export const addLater = counter.serverHandler('add_later', { payload: LaterDto });
/** A room pays so much into it. */
export const gain = counter.serverHandler('gain', { payload: Number });
export const grow = counter.serverHandler('grow', { payload: SizeDto, result: CounterValue });

export const grid = entity({ serverType: 'play', name: 'grid', partitions: 4 });
export const move = grid.clientHandler('move', {
  payload: MoveDto,
  result: RoomView,
  id: 'roomId',
  idOptional: true,
});
export const look = grid.serverHandler('look', { result: RoomView, input: 'query' });
/** The room sends so much to a counter, and ends. */
export const payOut = grid.serverHandler('pay_out', { payload: PayDto });
/** Players ask for the room's view by it. */
export const see = grid.viewHandler();
