import { codeOf } from '@ccgame/rpc';

/** Calls of a route that are under way at once; the others wait. A handler keeps the answers of some more. */
const mostAtOnce = 16;

/** One call. @param after the id of the call before it, which has to have been done; undefined: it has ended */
type Call<T> = (after?: string) => Promise<T>;

/** The calls of one route that have not ended. */
interface Lane {
  count: number;
  /** The message of the newest one. */
  id?: string;
  /** Each resolves when a call has ended, however: those of the newest ones, in their order. */
  ends: Promise<void>[];
}

/** A player's calls by route, in the order in which they came. */
export class OrderedCalls {
  private readonly lanes = new Map<string, Lane>();

  /**
   * @param id of the message, where its handler knows by `after` whether it has had the one before: then it is sent at once. Undefined: it
   *   is sent when that one has ended
   */
  callInOrder<T>(route: string, id: string | undefined, call: Call<T>): Promise<T> {
    const lane = this.lanes.get(route) ?? { count: 0, ends: [] };
    this.lanes.set(route, lane);
    const mine = lane.count === 0 ? call() : callAfter({ ...lane }, id, call);
    const noteEnd = (): void => {
      lane.count -= 1;
      if (lane.count === 0) this.lanes.delete(route);
    };
    const ends = [...lane.ends, mine.then(noteEnd, noteEnd)].slice(-mostAtOnce);
    Object.assign(lane, { count: lane.count + 1, id, ends });
    return mine;
  }
}

async function callAfter<T>({ id: after, ends }: Lane, id: string | undefined, call: Call<T>): Promise<T> {
  if (id !== undefined && after !== undefined) {
    if (ends.length === mostAtOnce) await ends[0];
    try {
      return await call(after);
    } catch (error) {
      // The one before is still on its way, as its owner moved or was killed, or it was refused.
      if (codeOf(error) !== 'TOO_EARLY') throw error;
    }
  }
  await ends.at(-1);
  return call();
}
