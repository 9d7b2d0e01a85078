import type { RoomLine } from './room-line.js';
import type { PlayerTranscript, RoomTranscript, SentInput } from './transcript.js';
import type { Fault } from './verdict.js';

/** Every input is answered, in its player's order, and is in each later state of the room: once. */
export function judgeInputs({ players }: RoomTranscript, line: RoomLine): Fault[] {
  return players.flatMap((player) => [...judgeAnswers(player), ...judgeCounts(player, line)]);
}

/** Inputs of a player may be on their way when the round ends: those of a second. */
const mostLate = 20;

/** It waited for too long, or was told that the servers have too much to do. */
const isLate = (error = ''): boolean => /^(TIMEOUT|BUSY) /.test(error);

function* judgeAnswers({ playerId, inputs, overAt }: PlayerTranscript): Generator<Fault> {
  const seen = new Set<number>();
  const lastAnswered = inputs.findLastIndex(({ answer }) => answer !== undefined);
  let last = { tick: -1, inputs: 0 };
  for (const [place, { answer, error }] of inputs.entries()) {
    const number = place + 1;
    if (!answer) {
      const mayBeLate =
        overAt.length > 0 && place > lastAnswered && inputs.length - 1 - lastAnswered <= mostLate;
      if (mayBeLate && error?.startsWith('NO_ENTITY')) continue;
      const what = `${playerId}'s ${number}.: ${error ?? 'nothing'}`;
      yield { kind: 'input not answered', what, ...(isLate(error) && { isLate: true }) };
      continue;
    }
    const { tick, inputs: count } = answer;
    const what = `${playerId}'s ${number}. is said to be the ${count}. in tick ${tick}, after the ${last.inputs}. in ${last.tick}`;
    if (seen.has(count)) yield { kind: 'answered input lost', what };
    else if (count > inputs.length) yield { kind: 'input applied twice', what };
    else if (count < last.inputs || tick < last.tick) yield { kind: 'inputs out of order', what };
    seen.add(count);
    last = answer;
  }
}

/** Each tick has the inputs that were answered with an earlier one, and no others. */
function* judgeCounts({ playerId, inputs }: PlayerTranscript, line: RoomLine): Generator<Fault> {
  const due = dueByTick(inputs);
  const unsure = inputs.filter(({ answer }) => !answer).length;
  let [isLost, isTwice] = [false, false];
  for (const [tick, states] of [...line.byTick].sort(([one], [other]) => one - other)) {
    const newest = states.at(-1);
    const disc = newest?.view.discs.find(({ id }) => id === playerId);
    if (!newest || newest.isDoubtful || !disc) continue;
    const wanted = due(tick);
    const what = `${playerId} has ${disc.inputs} inputs in tick ${tick}, and ${wanted} were answered`;
    // Once lost, it is missing in all later ones too.
    if (disc.inputs < wanted && !isLost) yield { kind: 'answered input lost', what };
    if (disc.inputs > wanted + unsure && !isTwice) yield { kind: 'input applied twice', what };
    isLost ||= disc.inputs < wanted;
    isTwice ||= disc.inputs > wanted + unsure;
  }
}

/** How many inputs were answered with a tick before one. */
function dueByTick(inputs: readonly SentInput[]): (tick: number) => number {
  const ticks = inputs
    .flatMap(({ answer }) => (answer ? [answer.tick] : []))
    .sort((one, other) => one - other);
  let place = 0;
  return (tick) => {
    while (place < ticks.length && ticks[place] < tick) place += 1;
    return place;
  };
}
