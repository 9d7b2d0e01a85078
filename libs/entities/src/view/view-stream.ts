import { randomBytes } from 'node:crypto';
import { synchronous } from '../live/synchronous.js';
import { assertPlain, copyAsJson, findChanges, isSameKind } from './find-changes.js';

/** A push of a view: its route, and its data as JSON. */
export type ViewPush = [route: 'room.state' | 'room.change', json: string];

/**
 * A view as those who follow it have it, change by change. A stream belongs to one owner of the room: with another one it begins
 * anew, by the whole view.
 */
export class ViewStream {
  private readonly place: string;
  private n = 0;
  /** The view that all who follow have by now. */
  private known?: object;
  private hasTicked = false;
  private quietTicks = 0;

  /** @param room `<server type>.<entity>.<id>` @param remindAfter ticks without a change after which the last one's number is told again */
  constructor(
    room: string,
    private readonly remindAfter: number,
  ) {
    this.place = `"room":"${room}","stream":"${randomBytes(4).toString('base64url')}"`;
  }

  /**
   * Undefined: nobody needs to be told anything. The first one is the whole view, for those too who followed at an owner before; so is the
   * one after a view that was no JSON.
   *
   * @throws TypeError for a view that is no object, that JSON can't hold, or that would come as something else: with a Map in it
   */
  pushOfTick(view: object): ViewPush | undefined {
    const { known } = this;
    const now = objectOf(view);
    if (!this.hasTicked || !known || !isSameKind(known, now)) return this.beginAnew(now);
    // Where this throws, what is known is half of both.
    this.hasTicked = false;
    const change = findChanges(known, now);
    this.hasTicked = true;
    if (change === undefined) return this.reminder();
    this.n += 1;
    this.quietTicks = 0;
    return ['room.change', `{${this.place},"n":${this.n},"change":${change}}`];
  }

  /**
   * The whole view for one more who follows, as it was told last; `view` makes it where it was never told: whether the follower's connector
   * hears the room by the first tick is not known.
   *
   * @throws as {@link pushOfTick}
   */
  pushOfStart(view: () => object): ViewPush {
    this.known ??= copyAsJson(objectOf(view()));
    return this.wholePush(this.known);
  }

  private beginAnew(view: object): ViewPush {
    const known = copyAsJson(view);
    if (this.known) this.n += 1;
    this.known = known;
    this.hasTicked = true;
    return this.wholePush(known);
  }

  private wholePush(known: object): ViewPush {
    return ['room.state', `{${this.place},"n":${this.n},"state":${JSON.stringify(known)}}`];
  }

  private reminder(): ViewPush | undefined {
    this.quietTicks += 1;
    if (this.quietTicks < this.remindAfter) return undefined;
    this.quietTicks = 0;
    return this.numberPush();
  }

  /** By it a follower finds that it has nothing of this stream, or that the last change was lost. */
  numberPush(): ViewPush {
    return ['room.change', `{${this.place},"n":${this.n}}`];
  }
}

/** @throws TypeError for a view that is no object or list as JSON; a promise and a Map are refused, as JSON has nothing of them */
function objectOf(view: object): object {
  const hasOwnJson = typeof (synchronous('view', view) as { toJSON?: unknown } | null)?.toJSON === 'function';
  const object: unknown = hasOwnJson ? copyAsJson(view) : view;
  if (typeof object !== 'object' || object === null)
    throw new TypeError('A view has to be an object or a list');
  assertPlain(object);
  return object;
}
