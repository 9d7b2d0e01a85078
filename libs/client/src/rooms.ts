import type { PushMessage, RoomChanged, RoomClosed, RoomState } from '@ccgame/protocol';
import { Listeners } from './listeners.js';
import { ViewFollower } from './view-follower.js';

/** A room as this client sees it. */
export interface Room<S> {
  /** The view; undefined: the player is in no such room, or it hasn't come yet. It is never changed: each change makes another one. */
  readonly state: S | undefined;
  /** Undefined as long as there is no state. */
  readonly roomId: string | undefined;
  /** Calls `listener` after each change, and when there is nothing to see any more. Returns what ends that. */
  onChange(listener: (state: S | undefined, room: Room<S>) => void): () => void;
  /** Has the servers send nothing more of it. */
  close(): void;
}

/** Asks for a view, or ends that. @throws ClientError */
export type AskForView = (kind: string, data: { roomId?: string; follow?: boolean }) => Promise<unknown>;

/** The rooms that a client follows. */
export class Rooms {
  private readonly rooms = new Set<FollowedRoom>();

  constructor(private readonly ask: AskForView) {}

  /** @param roomId undefined: the player's own room */
  openRoom<S>(kind: string, roomId: string | undefined, isOnline: boolean): Room<S> {
    const room: FollowedRoom = new FollowedRoom(kind, roomId, this.ask, () => this.leaveRoom(room));
    this.rooms.add(room);
    if (isOnline) room.follower.beginOnSocket();
    return room as unknown as Room<S>;
  }

  beginOnSocket(): void {
    for (const { follower } of this.rooms) follower.beginOnSocket();
  }

  /** Takes what is of a room; other pushes are nothing to it. */
  receivePush({ route, data }: PushMessage): void {
    if (this.rooms.size === 0 || !route.startsWith('room.')) return;
    for (const one of this.rooms) one.receivePush(route, Object(data) as { room?: unknown });
  }

  /** Gives whether nobody else here follows the same: the servers know one follower a player. */
  private leaveRoom(left: FollowedRoom): boolean {
    this.rooms.delete(left);
    return ![...this.rooms].some((one) => one.mayFollow(left));
  }

  stopAll(): void {
    for (const { follower } of this.rooms) follower.stop();
    this.rooms.clear();
  }
}

class FollowedRoom implements Room<object> {
  readonly follower: ViewFollower;
  private readonly listeners = new Listeners();

  constructor(
    private readonly kind: string,
    private readonly wantedId: string | undefined,
    private readonly ask: AskForView,
    /** Gives whether the servers are to be told. */
    private readonly onClosed: () => boolean,
  ) {
    this.follower = new ViewFollower({
      ask: () => ask(kind, { roomId: wantedId }),
      changed: () => this.listeners.emit('change', this.state),
    });
  }

  get state(): object | undefined {
    return this.follower.state;
  }

  get roomId(): string | undefined {
    return this.state && this.follower.room?.slice(this.kind.length + 1);
  }

  onChange(listener: (state: object | undefined, room: Room<object>) => void): () => void {
    return this.listeners.on('change', () => listener(this.state, this));
  }

  close(): void {
    const roomId = this.knownId;
    this.follower.stop();
    // Best effort: without it the room is left with the socket.
    if (this.onClosed()) this.ask(this.kind, { roomId, follow: false }).catch(() => undefined);
  }

  /** Whether it follows the same room, as far as it knows by now. */
  mayFollow(other: FollowedRoom): boolean {
    const [one, two] = [this.knownId, other.knownId];
    return this.kind === other.kind && (one === undefined || two === undefined || one === two);
  }

  /** Undefined: the player's own room, which has not come yet. */
  private get knownId(): string | undefined {
    return this.roomId ?? this.wantedId;
  }

  receivePush(route: string, data: { room?: unknown }): void {
    const { room } = data;
    if (typeof room !== 'string' || !room.startsWith(`${this.kind}.`)) return;
    if (this.wantedId !== undefined && room !== `${this.kind}.${this.wantedId}`) return;
    if (route === 'room.state') this.follower.receiveState(data as RoomState);
    else if (route === 'room.change') this.follower.receiveChange(data as RoomChanged);
    else if (route === 'room.closed') this.follower.receiveEnd((data as RoomClosed).room);
  }
}
