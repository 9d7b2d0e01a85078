/** A player's socket, as a gateway's handler or a hook gets it (`@ConnectedSocket()`). */
export interface SocketSession {
  readonly playerId: string;
  /** Stays the same while the player resumes, on this connector or another. */
  readonly sessionId: string;
  /** The version that answers the player. */
  readonly version: string;
  /** The attributes of the player's calls to servers: `uid`, `session`, `fence`. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** The player went on with a session that was there already. */
  readonly isResumed: boolean;

  /**
   * The id of the room of a kind in which the player is; undefined: in none.
   *
   * @param room its contract; it has to have a handler that names no room
   * @throws RpcError NO_SERVER while NATS is away
   */
  boundTo(room: { readonly kind: string }): Promise<string | undefined>;

  /** The id of the server of a type that the session is bound to; undefined: to none. It may be gone. */
  boundServer(serverType: string): string | undefined;

  /**
   * Binds the session to one server: messages for its type go there from now on, but for those that are for the owner of a key. It is kept
   * with the session, as a value is, and stored when this resolves. Where the game has a `route` of its own, that one decides.
   *
   * @throws RpcError as {@link set}
   */
  bind(serverId: string): Promise<void>;

  /** Messages for the type go to any server of it again. @throws RpcError as {@link set} */
  unbind(serverType: string): Promise<void>;

  /**
   * A value that the game keeps with the session; undefined: there is none. It outlives this socket and connector; other servers read and
   * change it by `SessionData` of `@ccgame/sessions`.
   */
  get(name: string): unknown;

  /**
   * Keeps a JSON value with the session; null takes it away. It is stored when this resolves.
   *
   * @throws RpcError INVALID; TOO_LARGE where a session's values are over 2,048 bytes; MOVED: another socket has the session by now;
   *   BUSY while NATS is away
   */
  set(name: string, value: unknown): Promise<void>;

  /**
   * Pushes to this socket alone, without the push log: lost where the connection breaks. `PushService` has the reliable ones.
   *
   * @throws RpcError INVALID for a route that is none
   */
  push(route: string, data: unknown): void;

  /** Sends an event of the game's own. @throws RpcError INVALID for a name that is the protocol's */
  emit(event: string, data?: unknown): void;

  /** Tells the client why, then ends its socket. Without `reconnect` the client stays away. */
  close(reason: string, how?: { reconnect: boolean; retryAfterMs?: number }): void;
}
