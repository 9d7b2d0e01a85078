import { type EntityCall, Handles, Room, RoomOf } from '@ccgame/entities';
import {
  arena,
  type ArenaInit,
  type ArenaPushes,
  ArenaView,
  steer,
  type SteerDto,
  type Steered,
  watch,
} from './arena-contracts.js';
import { ArenaErrors } from './arena-errors.js';
import {
  type Disc,
  driveBot,
  field,
  moveDisc,
  placeDiscs,
  placeGem,
  type Point,
  rule,
  steerDisc,
  touches,
} from './rules.js';

interface ArenaState {
  discs: Disc[];
  gems: Point[];
  endsAtTick: number;
}

/** Four discs gather gems for a round. A match opens it, it ends with its round, and a release goes on with it. */
@Room(arena, { tickHz: 20, onRelease: 'move' })
export class ArenaRoom extends RoomOf<ArenaState, ArenaInit, ArenaPushes> {
  create({ players }: ArenaInit): ArenaState {
    return { discs: placeDiscs(players), gems: [], endsAtTick: field.roundMs / 50 };
  }

  override join(playerId: string): void {
    this.discOf(playerId).isBot = false;
  }

  override leave(playerId: string): void {
    this.discOf(playerId).isBot = true;
  }

  @Handles(steer)
  steer({ x, y }: SteerDto, { callingPlayer }: EntityCall): Steered {
    const disc = this.discOf(callingPlayer);
    steerDisc(disc, { x, y });
    return { tick: this.ticks, inputs: disc.inputs };
  }

  @Handles(watch)
  watch(): ArenaView {
    return this.view();
  }

  override view(): ArenaView {
    const { discs, gems, endsAtTick } = this.state;
    const ticksLeft = endsAtTick - this.ticks;
    const phase = ticksLeft > 0 ? 'playing' : 'over';
    const secondsLeft = Math.ceil(Math.max(0, ticksLeft) / 20);
    return { roomId: this.id, tick: this.ticks, rule, phase, secondsLeft, discs, gems };
  }

  tick(dt: number): void {
    const { discs, gems } = this.state;
    while (gems.length < field.gems) gems.push(placeGem(() => this.random()));
    for (const disc of discs) {
      if (disc.isBot) driveBot(disc, gems);
      moveDisc(disc, dt / 1000);
      const left = gems.filter((gem) => !touches(disc, gem));
      disc.score += gems.length - left.length;
      gems.splice(0, gems.length, ...left);
    }
    if (this.ticks >= this.state.endsAtTick) this.finishRound();
  }

  private finishRound(): void {
    this.broadcast('arena.over', this.view());
    this.end();
  }

  /** @throws RpcError NOT_IN_ARENA */
  private discOf(playerId: string): Disc {
    const disc = this.state.discs.find(({ id }) => id === playerId);
    if (!disc) throw ArenaErrors.NOT_IN_ARENA();
    return disc;
  }
}
