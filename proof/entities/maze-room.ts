import { Handles, Room, RoomOf } from '@ccgame/entities';
import { maze, ticksOf, walkIn } from './maze-contracts.js';

/** As the watchdog counts it, which a busy machine doesn't change. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A room from which its code may not find a way out. */
@Room(maze, { tickHz: 20, checkpointMs: 200 })
export class MazeRoom extends RoomOf<{ walks: string[] }> {
  create(): { walks: string[] } {
    return { walks: [] };
  }

  @Handles(walkIn)
  walk(way: string): void {
    this.state.walks.push(way);
    const until = cpuMs() + 1_100;
    while (way === 'for ever' || (way === 'for a second' && cpuMs() < until));
  }

  @Handles(ticksOf)
  countTicks(): number {
    return this.ticks;
  }

  tick(): void {
    while (this.state.walks.at(-1) === 'at the next tick');
  }
}
