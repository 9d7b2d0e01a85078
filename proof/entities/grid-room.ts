import { defineErrors } from '@ccgame/rpc';
import { type EntityCall, Handles, Room, RoomOf } from '@ccgame/entities';
import { gain, grid, look, move, type MoveDto, type PayDto, payOut, type RoomView } from './contracts.js';

interface GridState {
  moves: number;
  rolls: number[];
  players: Record<string, { x: number; y: number }>;
}

const GridErrors = defineErrors({
  NOT_IN_ROOM: { message: 'You are not a member', status: 403 },
});
const steps = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** Four players on a grid; every second the room rolls a die, and tells it. */
@Room(grid, { tickHz: 20, capacity: 4 })
export class GridRoom extends RoomOf<GridState> {
  create(): GridState {
    return { moves: 0, rolls: [], players: {} };
  }

  override join(playerId: string): void {
    this.state.players[playerId] = { x: 0, y: 0 };
  }

  override leave(playerId: string): void {
    delete this.state.players[playerId];
  }

  @Handles(move)
  move({ to }: MoveDto, { callingPlayer }: EntityCall): RoomView {
    const player = this.state.players[callingPlayer];
    if (!player) throw GridErrors.NOT_IN_ROOM();
    const [x, y] = steps[to];
    player.x += x;
    player.y += y;
    this.state.moves += 1;
    return this.look();
  }

  override view(): GridState {
    return this.state;
  }

  @Handles(look)
  look(): RoomView {
    const { moves, rolls } = this.state;
    return { tick: this.ticks, moves, rolls, members: [...this.members] };
  }

  @Handles(payOut)
  payOut({ counterId, by }: PayDto): void {
    this.sendCall(gain, counterId, by);
    this.end();
  }

  tick(_dt: number, tick: number): void {
    if (tick % 20 !== 0) return;
    this.state.rolls.push(1 + Math.floor(this.random() * 6));
    this.broadcast('grid.rolled', { roomId: this.id, roll: this.state.rolls.at(-1) });
  }
}
