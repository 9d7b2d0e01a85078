import { testRoom } from '@ccgame/entities';
import { steer } from '#arena/arena-contracts.js';
import { ArenaRoom } from '#arena/arena-room.js';
import { RoomRecorder } from './room-recorder.js';
import type { RoomTranscript, View } from './transcript.js';

const players = ['ann', 'bob', 'cy', 'di'];
const tickMs = 50;

/** A real arena in virtual time, for tests of the checker: what its players would have written down. */
export class RecordedRoom {
  readonly room = testRoom(ArenaRoom, { seed: 7, init: { players } });
  private readonly recorder: RoomRecorder;
  private counter = 0;
  private noted = 0;

  /** @param recorder another room's, that its players see as well */
  constructor(recorder?: RoomRecorder) {
    this.recorder = recorder ?? new RoomRecorder('test', players);
    for (const player of players) this.room.join(player);
  }

  /** The same room with the same players' inputs, as if its owner had been there twice. */
  static asTwo(ticks: number): [RecordedRoom, RecordedRoom] {
    const [one, other] = [new RecordedRoom(), new RecordedRoom()];
    for (const room of [one, other]) room.play(ticks);
    return [one, new RecordedRoom(one.recorder).goOnAs(other)];
  }

  get transcript(): RoomTranscript {
    const { transcript } = this.recorder;
    transcript.watchedUntil = this.at;
    return transcript;
  }

  get at(): number {
    return this.room.tick * tickMs;
  }

  /** All players steer now and then, and the room ticks. */
  play(ticks: number): this {
    for (let count = 0; count < ticks; count += 1) {
      for (const player of players) if ((this.counter += 1) % 3 !== 0) this.steer(player);
      this.tick();
    }
    return this;
  }

  /** @param times that it is applied; its answer says once */
  steer(player: string, times = 1): void {
    const [x, y] = [Math.sin(this.counter), Math.cos(this.counter * 1.7)];
    const input = this.recorder.noteInput(player, x, y);
    const disc = this.room.state.discs.find(({ id }) => id === player);
    input.answer = { tick: this.room.tick, inputs: (disc?.inputs ?? 0) + 1 };
    for (let time = 0; time < times; time += 1) this.room.call(steer, { roomId: 'test', x, y }, player);
  }

  tick(): void {
    this.room.advance(tickMs);
    const view = JSON.parse(JSON.stringify(this.room.instance.view())) as View;
    for (const player of this.room.members) this.recorder.noteView(player, this.at, view);
    for (const { to } of this.room.pushes.slice(this.noted)) {
      for (const player of to) this.recorder.noteOver(player, this.at);
    }
    this.noted = this.room.pushes.length;
  }

  private goOnAs(other: RecordedRoom): this {
    return Object.assign(this, { room: other.room, counter: other.counter, noted: other.noted });
  }
}
