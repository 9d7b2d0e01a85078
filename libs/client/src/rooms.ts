import type { PushMessage, RoomChanged, RoomClosed, RoomState } from '@ccgame/protocol';
import { Listeners } from './listeners.js';
import { ViewFollower } from './view-follower.js';
import { ViewQuestions } from './view-questions.js';

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

/** Asks for a view, or ends that; gives the servers' answer, `{ room }`. @throws ClientError */
export type AskForView = (kind: string, data: { roomId?: string; follow?: boolean }) => Promise<unknown>;

/** The rooms that a client follows. */
export class Rooms {
  private readonly rooms = new Set<FollowedRoom>();
  private readonly questions = new ViewQuestions();
  private isStopped = false;

  constructor(private readonly ask: AskForView) {}

  /** After the end there is nothing to see. @param roomId undefined: the player's own room */
  openRoom<S>(kind: string, roomId: string | undefined, isOnline: boolean): Room<S> {
    const room: FollowedRoom = new FollowedRoom(kind, roomId, this.ask, this.questions, this.rooms);
    if (this.isStopped) room.follower.stop();
    else this.rooms.add(room);
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

  stopAll(): void {
    this.isStopped = true;
    for (const { follower } of this.rooms) follower.stop();
    this.rooms.clear();
  }
}

class FollowedRoom implements Room<object> {
  readonly follower: ViewFollower;
  /** The player's own room, as the servers answered last; none while they are asked. */
  private own?: string;
  private readonly listeners = new Listeners();

  constructor(
    private readonly kind: string,
    private readonly wantedId: string | undefined,
    private readonly ask: AskForView,
    questions: ViewQuestions,
    /** All that the client follows, this one too. */
    private readonly rooms: Set<FollowedRoom>,
  ) {
    this.follower = new ViewFollower({
      ask: () => questions.ask(() => this.askForView()),
      queue: (begin) => questions.queue(begin),
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
    this.rooms.delete(this);
    // The servers know one follower a player.
    if ([...this.rooms].some((one) => one.mayFollow(this))) return;
    // Best effort: without it the room is left with the socket.
    this.ask(this.kind, { roomId, follow: false }).catch(() => undefined);
  }

  /** Whether it follows the same room, as far as it knows by now. */
  mayFollow(other: FollowedRoom): boolean {
    if (this.follower.isRefused) return false;
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
    if (this.wantedId !== undefined && room !== this.wantedRoom) return;
    if (route !== 'room.closed' && this.isAnothers(room)) {
      // The player may have come into it.
      if (route === 'room.state' && !this.state) this.follower.expectState();
    } else if (route === 'room.state') this.follower.receiveState(data as RoomState);
    else if (route === 'room.change') this.follower.receiveChange(data as RoomChanged);
    else if (route === 'room.closed') this.follower.receiveEnd((data as RoomClosed).room);
  }

  private get wantedRoom(): string | undefined {
    return this.wantedId === undefined ? undefined : `${this.kind}.${this.wantedId}`;
  }

  /** Another part of the page looks at it, and it is not known to be the player's own. */
  private isAnothers(room: string): boolean {
    const isOwn = this.wantedId !== undefined || room === this.own;
    return !isOwn && [...this.rooms].some((one) => one.wantedRoom === room);
  }

  private async askForView(): Promise<void> {
    this.own = undefined;
    const answer = await this.ask(this.kind, { roomId: this.wantedId });
    const { room } = Object(answer) as { room?: string };
    this.own = room;
    // Its state may have come before the answer, when only those took it who look at it.
    for (const { follower } of this.rooms) {
      const { whole } = follower;
      if (whole && whole.room === room && follower !== this.follower) this.follower.receiveState(whole);
    }
  }
}
