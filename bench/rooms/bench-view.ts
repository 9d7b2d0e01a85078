import { applyChange } from '@ccgame/client';
import type { RoomChanged, RoomState } from '@ccgame/protocol';

/** Between two questions for the whole view, ms. */
const askEveryMs = 1_000;

/** A room's view as a player of a bench has it: a connector under too much load leaves changes out, and is asked for the whole then. */
export class BenchView<S extends object> {
  private known?: RoomState;
  private askedAt = -Infinity;

  /** @param ask asks for the whole view @param seen the view is another one by now */
  constructor(
    private readonly ask: () => void,
    private readonly seen: (state: S) => void,
  ) {}

  receivePush({ route, data }: { route: string; data: unknown }): void {
    if (route === 'room.state') this.know(data as RoomState);
    else if (route === 'room.change') this.receiveChange(data as RoomChanged);
  }

  private receiveChange({ change, ...place }: RoomChanged): void {
    const { known } = this;
    const isSame = known?.stream === place.stream;
    if (isSame && place.n <= known.n) return;
    if (isSame && place.n === known.n + 1 && change)
      return this.know({ ...place, state: applyChange(known.state, change) });
    const now = performance.now();
    if (now - this.askedAt < askEveryMs) return;
    this.askedAt = now;
    this.ask();
  }

  private know(known: RoomState): void {
    this.known = known;
    this.seen(known.state as S);
  }
}
