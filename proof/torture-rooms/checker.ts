// Shares no code with what it checks, nor with the other proofs.
import { findLine } from './room-line.js';
import { explainViews } from './explained-views.js';
import { judgeInputs } from './judge-inputs.js';
import type { Deed, RoomTranscript } from './transcript.js';
import type { Counts, Fault, Verdict } from './verdict.js';

/** The share of the states seen that may be explained by bounds alone; a few are excused in a short run. */
const mostLoose = { share: 0.05, few: 40 };
/** After the last deed a room's states have to come in until so shortly before the end, ms. */
const lostAfterMs = 2_000;
/** A round ends after 1800 ticks. */
const ticksOfRound = 1_800;

/**
 * Judges what players saw of their rooms. An owner who was ended suddenly may leave ticks behind that were pushed and not stored:
 * they are done again, once, by its successor; everything else is a fault.
 */
export function judgeRooms(rooms: readonly RoomTranscript[], deeds: readonly Deed[]): Verdict {
  const verdicts = rooms.map((room) => judgeRoom(room, deeds));
  const faults = verdicts.flatMap((verdict) => verdict.faults);
  const counts = verdicts.map((verdict) => verdict.counts).reduce(addUp, none());
  const most = Math.max(mostLoose.few, counts.views * mostLoose.share);
  if (counts.loose > most) {
    faults.push({
      kind: 'too much excused',
      what: `${counts.loose} states only by bounds, of ${counts.views}`,
    });
  }
  return { faults, counts };
}

function judgeRoom(room: RoomTranscript, deeds: readonly Deed[]): Verdict {
  const line = findLine(room, deeds);
  const explained = explainViews(room, line);
  const faults = [...lifeFaults(room), ...line.faults, ...explained.faults, ...judgeInputs(room, line)].map(
    (fault) => ({ ...fault, what: `${room.roomId}: ${fault.what}` }),
  );
  const { rewinds, longestRewind, redone } = line;
  const inputs = room.players.reduce((sum, player) => sum + player.inputs.length, 0);
  const { loose } = explained;
  return {
    faults,
    counts: { rooms: 1, views: room.views.length, inputs, rewinds, longestRewind, loose, redone },
  };
}

/** The room went on until the end, or until its round was over, which each of its players was told once. */
function* lifeFaults({ players, views, watchedUntil }: RoomTranscript): Generator<Fault> {
  const lastTick = Math.max(0, ...views.map(({ tick }) => tick));
  const isOver = lastTick >= ticksOfRound;
  for (const { playerId, overAt, seen } of players) {
    const wanted = isOver ? 1 : 0;
    if (overAt.length !== wanted) {
      yield { kind: 'round not ended once', what: `${playerId} was told ${overAt.length} times` };
    }
    const lastAt = seen.at(-1)?.at ?? -Infinity;
    const isLost = watchedUntil !== undefined && !isOver && lastAt < watchedUntil - lostAfterMs;
    if (isLost) yield { kind: 'room lost', what: `${playerId} saw its tick ${lastTick}, and nothing more` };
  }
}

function none(): Counts {
  return { rooms: 0, views: 0, inputs: 0, rewinds: 0, longestRewind: 0, loose: 0, redone: 0 };
}

function addUp(one: Counts, other: Counts): Counts {
  return {
    rooms: one.rooms + other.rooms,
    views: one.views + other.views,
    inputs: one.inputs + other.inputs,
    rewinds: one.rewinds + other.rewinds,
    longestRewind: Math.max(one.longestRewind, other.longestRewind),
    loose: one.loose + other.loose,
    redone: one.redone + other.redone,
  };
}
