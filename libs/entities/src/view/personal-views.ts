import { EntityErrors } from '../errors.js';
import type { ViewPush, ViewStream } from './view-stream.js';

/** So long a player who is no member is told of a room before it has to ask again, ticks: it may be gone. */
const mostTicks = 1_200;

/** So many players who are no members see a room at once: the view of each is made at each tick, which all rooms of the server wait for. */
const mostSpectators = 500;

interface Follower {
  stream: ViewStream;
  ticks: number;
}

/** A room whose players each see something else. */
export interface PersonalViewsOptions {
  openStream(): ViewStream;
  /** @throws what `viewOf` throws, and as {@link ViewStream.pushOfTick} */
  pushOfTick(playerId: string, stream: ViewStream): ViewPush | undefined;
  isMember(playerId: string): boolean;
  /** @throws RpcError TOO_LARGE */
  push(playerId: string, push: ViewPush): void;
  /** One player's view is not to be had or told; the others' are. */
  failed(playerId: string, error: unknown): void;
}

/** A room of which each player sees something else: a stream of changes for each. */
export class PersonalViews {
  private readonly followers = new Map<string, Follower>();
  /** Those of the followers who were no members as they came. */
  private readonly spectators = new Set<string>();

  constructor(private readonly options: PersonalViewsOptions) {}

  /** Members are always let in. @throws RpcError ROOM_FULL */
  assertPlaceFor(playerId: string): void {
    const isIn = this.spectators.has(playerId) || this.options.isMember(playerId);
    if (!isIn && this.spectators.size >= mostSpectators)
      throw EntityErrors.ROOM_FULL({ details: { spectators: mostSpectators } });
  }

  /** The whole view comes with the next tick. @returns by what the player knows that it is on the way */
  addFollower(playerId: string): ViewPush {
    if (this.options.isMember(playerId)) this.spectators.delete(playerId);
    else this.spectators.add(playerId);
    const stream = this.options.openStream();
    this.followers.set(playerId, { stream, ticks: 0 });
    return stream.numberPush();
  }

  removeFollower(playerId: string): void {
    this.followers.delete(playerId);
    this.spectators.delete(playerId);
  }

  pushTick(): void {
    for (const [playerId, follower] of this.followers) {
      follower.ticks += 1;
      if (follower.ticks > mostTicks && !this.options.isMember(playerId)) this.haveAsk(playerId);
      else this.pushToOne(playerId, follower.stream);
    }
  }

  private pushToOne(playerId: string, stream: ViewStream): void {
    const { options } = this;
    try {
      const push = options.pushOfTick(playerId, stream);
      if (push) options.push(playerId, push);
    } catch (error) {
      options.failed(playerId, error);
      this.haveAsk(playerId);
    }
  }

  /** The player follows no more. A stream that nobody has: a client that is still there asks. */
  private haveAsk(playerId: string): void {
    this.removeFollower(playerId);
    this.options.push(playerId, this.options.openStream().numberPush());
  }
}
