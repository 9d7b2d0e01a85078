import { steer } from '#arena/arena-contracts.js';
import { judgeRooms } from './checker.js';
import { restBefore } from './deeds.js';
import { RecordedRoom } from './recorded-room.js';
import type { Deed, RoomTranscript, SentInput } from './transcript.js';
import type { FaultKind } from './verdict.js';

const planned: Deed = { name: 'release', isSudden: false, at: 1_400, until: 1_700 };
const sudden: Deed = { name: 'arena SIGKILL', isSudden: true, at: 1_400, until: 1_600 };

/** 30 ticks, a planned move, and 30 more. */
const moved = (atMove: (room: RecordedRoom) => void = () => undefined): RoomTranscript => {
  const room = new RecordedRoom().play(30);
  room.room.moveToAnotherServer();
  atMove(room);
  return room.play(30).transcript;
};

describe('the checker of the rooms’ torture', () => {
  it('finds nothing wrong with a room that was moved, and counts', () => {
    const { faults, counts } = judgeRooms([moved()], [planned]);
    expect(faults).toEqual([]);
    expect(counts).toMatchObject({ rooms: 1, views: 60, inputs: 160, rewinds: 0, loose: 0 });
  });

  it('explains a whole round, to its end', () => {
    const { transcript } = new RecordedRoom().play(1_800);
    expect(transcript.players.map(({ overAt }) => overAt.length)).toEqual([1, 1, 1, 1]);
    const { faults, counts } = judgeRooms([transcript], []);
    expect(faults).toEqual([]);
    expect(counts).toMatchObject({ views: 1_800, loose: 0 });
  });

  it('explains what follows after ticks that nobody saw, where the answers say what happened there', () => {
    const transcript = moved();
    const gap = (index: number): boolean => transcript.views[index].tick % 20 > 12;
    for (const player of transcript.players) player.seen = player.seen.filter(({ view }) => !gap(view));
    expect(judgeRooms([transcript], [planned]).faults).toEqual([]);
  });

  it.each<[FaultKind, string, (room: RecordedRoom) => void]>([
    ['answered input lost', 'an answered input that is dropped at the move', (room) => room.steer('ann', 0)],
    ['input applied twice', 'an input that is applied twice', (room) => room.steer('bob', 2)],
    [
      'state not explained',
      'a state that is rolled back by a tick',
      (room) => {
        const state = structuredClone(room.room.state);
        room.tick();
        room.room.instance.state = state;
      },
    ],
    [
      'state not explained',
      'a disc somewhere else',
      (room) => {
        room.room.state.discs[2].x += 0.5;
      },
    ],
    [
      'state not explained',
      'a gem that vanishes',
      (room) => {
        room.room.state.gems.shift();
      },
    ],
    [
      'state not explained',
      'a gem too many',
      (room) => {
        room.room.state.discs[3].score += 1;
      },
    ],
  ])('finds "%s": %s', (kind, _, plant) => {
    const kinds = judgeRooms([moved(plant)], [planned]).faults.map((fault) => fault.kind);
    expect(kinds).toContain(kind);
    // Nor does a sudden end of an owner excuse it.
    expect(judgeRooms([moved(plant)], [sudden]).faults.map((fault) => fault.kind)).toContain(kind);
  });

  it('finds two owners that tick at once', () => {
    const [one, other] = RecordedRoom.asTwo(30);
    for (let tick = 0; tick < 5; tick += 1) {
      for (const owner of [one, other]) owner.tick();
    }
    for (const deed of [planned, sudden]) {
      const { faults } = judgeRooms([one.transcript], [deed]);
      expect(faults.map(({ kind }) => kind)).toContain('tick done twice');
    }
  });

  it('finds two owners of which each has players of its own', () => {
    const [one, other] = RecordedRoom.asTwo(30);
    one.steer('ann');
    for (let tick = 0; tick < 5; tick += 1) for (const owner of [one, other]) owner.tick();
    const { transcript } = one;
    const isOdd = new Map<number, number>();
    for (const [place, player] of transcript.players.entries()) {
      player.seen = player.seen.filter(({ view }) => {
        const { tick } = transcript.views[view];
        if (tick <= 30) return true;
        const first = isOdd.get(tick) ?? view;
        isOdd.set(tick, Math.min(first, view));
        return (view === isOdd.get(tick)) === (place % 2 === 0);
      });
    }
    const { faults } = judgeRooms([transcript], [planned]);
    expect(faults.map(({ what }) => what)).toContain('test: two states of tick 31');
  });

  describe('of an owner that was ended suddenly', () => {
    /** Its last ticks were pushed and not stored; a successor does them again, a second later. */
    const killed = (ticks: number): RoomTranscript => {
      const [one, other] = RecordedRoom.asTwo(30);
      for (let tick = 0; tick < ticks; tick += 1) one.tick();
      const { at } = one;
      other.play(30 + ticks);
      const { transcript } = other;
      const first = new Set<number>();
      for (const { seen } of transcript.players) {
        let last = 0;
        let isNext = false;
        for (const entry of seen) {
          const { tick } = transcript.views[entry.view];
          isNext ||= tick <= last;
          last = tick;
          if (isNext) entry.at += 1_000;
          else first.add(entry.view);
        }
      }
      transcript.watchedUntil = (transcript.watchedUntil ?? 0) + 1_000;
      expect(at).toBeGreaterThan(1_500);
      return transcript;
    };

    it('excuses that ticks are done again, once', () => {
      const { faults, counts } = judgeRooms([killed(5)], [sudden]);
      expect(faults).toEqual([]);
      expect(counts).toMatchObject({ rewinds: 4, longestRewind: 5 });
    });

    it('explains what it showed last with inputs that its successor applied in other ticks, as their answers say', () => {
      // So early nobody has eaten anything: else bounds alone would explain it.
      const [one, other] = RecordedRoom.asTwo(12);
      const { transcript } = other;
      one.tick();
      one.steer('ann');
      for (let tick = 0; tick < 4; tick += 1) one.tick();
      const unstored = transcript.views.length - 1;
      const input = transcript.players[0].inputs.at(-1) as SentInput;
      for (let tick = 0; tick < 3; tick += 1) other.tick();
      input.answer = { tick: other.room.tick, inputs: input.answer?.inputs ?? 0 };
      other.room.call(steer, { roomId: 'test', x: input.x, y: input.y }, 'ann');
      other.play(29);
      for (const player of transcript.players) {
        player.seen = player.seen.filter(({ view }) => view >= unstored || transcript.views[view].tick <= 12);
        for (const entry of player.seen) if (entry.view > unstored) entry.at += 500;
      }
      transcript.watchedUntil = other.at + 500;
      const early = { ...sudden, at: 500, until: 700 };
      const kinds = (): FaultKind[] => judgeRooms([transcript], [early]).faults.map(({ kind }) => kind);
      expect(kinds()).toEqual([]);
      transcript.views[unstored].discs[0].steer.x += 0.1;
      expect(kinds()).toEqual(['state not explained']);
    });

    it('does not where nobody was ended, or where too many are', () => {
      const kinds = (ticks: number, deed: Deed): FaultKind[] =>
        judgeRooms([killed(ticks)], [deed]).faults.map(({ kind }) => kind);
      expect(kinds(5, planned)).toContain('tick done twice');
      expect(kinds(45, sudden)).toContain('tick done twice');
    });

    it.each([2_500, 500])(
      'does not in a planned deed that follows one, where the calm is %i ms',
      (calmMs) => {
        const restMs = calmMs + restBefore(planned, [sudden], sudden.until + calmMs);
        const until = planned.at - restMs;
        const before = { ...sudden, at: until - 200, until };
        const { faults } = judgeRooms([killed(5)], [before, planned]);
        expect(faults.map(({ kind }) => kind)).toContain('tick done twice');
      },
    );
  });

  it('excuses inputs that came when the round was over, and no others', () => {
    const unanswered = (place: number, overAt: number[]): string[] => {
      const room = moved();
      const [player] = room.players;
      for (const input of player.inputs.slice(place, place < 0 ? undefined : place + 2)) {
        delete input.answer;
        input.error = 'NO_ENTITY after 300 ms';
      }
      player.overAt = overAt;
      return judgeRooms([room], [planned]).faults.map(({ kind }) => kind);
    };
    expect(unanswered(-2, [1])).not.toContain('input not answered');
    expect(unanswered(-2, [])).toContain('input not answered');
    expect(unanswered(7, [1])).toContain('input not answered');
    expect(unanswered(-25, [1])).toContain('input not answered');
  });

  it('finds inputs that have no answer, or answers that change places', () => {
    const silent = moved();
    delete silent.players[0].inputs[7].answer;
    expect(judgeRooms([silent], [planned]).faults.map(({ kind }) => kind)).toContain('input not answered');
    const swapped = moved();
    const [one, other] = swapped.players[0].inputs.slice(7, 9);
    [one.answer, other.answer] = [other.answer, one.answer];
    expect(judgeRooms([swapped], [planned]).faults.map(({ kind }) => kind)).toContain('inputs out of order');
    const exchanged = moved();
    const { inputs } = exchanged.players[1];
    [inputs[7].x, inputs[8].x] = [inputs[8].x, inputs[7].x];
    expect(judgeRooms([exchanged], [planned]).faults.map(({ kind }) => kind)).toContain(
      'state not explained',
    );
  });

  it('finds a room that went silent, and a round that was ended twice', () => {
    const lost = moved();
    lost.watchedUntil = 6_000;
    expect(judgeRooms([lost], [planned]).faults.map(({ kind }) => kind)).toContain('room lost');
    const twice = new RecordedRoom().play(1_800).transcript;
    twice.players[0].overAt.push(90_100);
    expect(judgeRooms([twice], []).faults.map(({ kind }) => kind)).toEqual(['round not ended once']);
  });

  it('does not let bounds alone explain much', () => {
    const transcript = moved();
    for (const player of transcript.players) {
      player.seen = player.seen.filter(({ view }) => transcript.views[view].tick % 2 === 0);
      for (const { answer } of player.inputs) if (answer) answer.tick = -1;
    }
    const rooms = Array.from({ length: 3 }, () => transcript);
    expect(judgeRooms(rooms, []).faults.map(({ kind }) => kind)).toContain('too much excused');
  });
});
