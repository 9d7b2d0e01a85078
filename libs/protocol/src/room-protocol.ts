/** Which state of which room's view. */
interface ViewPlace {
  /** `<server type>.<entity>.<id>` */
  room: string;
  /** The id of the stream, which the server that has the room now began: places of two streams can't be compared. */
  stream: string;
  /** Counts the changes of the stream. */
  n: number;
}

/** The whole view. */
export interface RoomState extends ViewPlace {
  state: object;
}

/** The difference to the view of `n - 1`. The same `n` once more, without a change, says that nothing has changed. */
export interface RoomChanged extends ViewPlace {
  change?: ViewChange;
}

/**
 * By the key of an object, or the index in a list: a text, a number, true or false is the new value; null: the key is gone; a list of one
 * value: that is the new value, whatever it was; an object: what is another way within. A list's new, smaller length is its `length`.
 */
export interface ViewChange {
  [key: string]: string | number | boolean | null | [unknown] | ViewChange;
}

/** Nothing more comes of the room. */
export interface RoomClosed {
  room: string;
  /** It has ended, or the player doesn't see it any more. */
  why: 'ended' | 'left';
}

/** The pushes of rooms that have a view, by route. */
export interface RoomViewPushes {
  'room.state': RoomState;
  'room.change': RoomChanged;
  'room.closed': RoomClosed;
}
