import type { ViewPush, ViewStream } from './view-stream.js';

/** So long a player who is no member is told of a room before it has to ask again, ticks: it may be gone. */
const mostTicks = 1_200;

interface Follower {
  stream: ViewStream;
  ticks: number;
}

export interface PersonalViewsOptions {
  openStream(): ViewStream;
  viewOf(playerId: string): object;
  isMember(playerId: string): boolean;
  push(playerId: string, push: ViewPush): void;
}

/** A room of which each player sees something else: a stream of changes for each. */
export class PersonalViews {
  private readonly followers = new Map<string, Follower>();

  constructor(private readonly options: PersonalViewsOptions) {}

  /** The whole view comes with the next tick. @returns by what the player knows that it is on the way */
  addFollower(playerId: string): ViewPush {
    const stream = this.options.openStream();
    this.followers.set(playerId, { stream, ticks: 0 });
    return stream.numberPush();
  }

  removeFollower(playerId: string): void {
    this.followers.delete(playerId);
  }

  pushTick(): void {
    const { options } = this;
    for (const [playerId, follower] of this.followers) {
      follower.ticks += 1;
      if (follower.ticks > mostTicks && !options.isMember(playerId)) {
        this.followers.delete(playerId);
        // A stream that nobody has: a client that is still there asks.
        options.push(playerId, options.openStream().numberPush());
        continue;
      }
      const push = follower.stream.pushOfTick(options.viewOf(playerId));
      if (push) options.push(playerId, push);
    }
  }
}
