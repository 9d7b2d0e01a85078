/** A game's contracts as types: what its client may ask, and what servers push to it, both by route. */
export interface GameTypes {
  /** `'chat.greet': { payload: GreetDto; result: Greeting }` */
  requests: object;
  /** `'chat.said': ChatLine` */
  pushes: object;
  /** `'dice.table': TableView` */
  rooms?: object;
}

/** Where no game is named: every route, with whatever it carries. */
export interface AnyGame {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the game says what it carries
  requests: Record<string, { payload: any; result: any }>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the game says what it carries
  pushes: Record<string, any>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the game says what it carries
  rooms: Record<string, any>;
}

/** A route that players of the game may request: `matching.user_join_matching` */
export type RequestRoute<G extends GameTypes> = keyof G['requests'] & string;
/** The payload that a route takes; undefined where it takes none. */
export type PayloadOf<G extends GameTypes, R extends RequestRoute<G>> = G['requests'][R] extends {
  payload: infer P;
}
  ? P
  : never;
/** The result that a route gives. */
export type ResultOf<G extends GameTypes, R extends RequestRoute<G>> = G['requests'][R] extends {
  result: infer T;
}
  ? T
  : never;
/** A route on which the game pushes. */
export type PushRoute<G extends GameTypes> = keyof G['pushes'] & string;
/** A kind of room that players may join, by its name in the game's types. */
export type RoomKind<G extends GameTypes> = keyof G['rooms'] & string;
/** The view that players have of a kind of room. */
export type ViewOf<G extends GameTypes, K extends RoomKind<G>> = NonNullable<G['rooms']>[K &
  keyof NonNullable<G['rooms']>];
