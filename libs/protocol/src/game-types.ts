/** A game's contracts as types: what its client may ask, and what servers push to it, both by route. */
export interface GameTypes {
  /** `'chat.greet': { payload: GreetDto; result: Greeting }` */
  requests: object;
  /** `'chat.said': ChatLine` */
  pushes: object;
  /** `'arena.arena': ArenaView` */
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

export type RequestRoute<G extends GameTypes> = keyof G['requests'] & string;
export type PayloadOf<G extends GameTypes, R extends RequestRoute<G>> = G['requests'][R] extends {
  payload: infer P;
}
  ? P
  : never;
export type ResultOf<G extends GameTypes, R extends RequestRoute<G>> = G['requests'][R] extends {
  result: infer T;
}
  ? T
  : never;
export type PushRoute<G extends GameTypes> = keyof G['pushes'] & string;
export type RoomKind<G extends GameTypes> = keyof G['rooms'] & string;
export type ViewOf<G extends GameTypes, K extends RoomKind<G>> = NonNullable<G['rooms']>[K &
  keyof NonNullable<G['rooms']>];
