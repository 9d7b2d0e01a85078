import { everyMs } from './arena-player.js';
import type { CrowdReport } from './crowd.js';
import { type Spread, spreadOf } from './spread.js';
import type { Fault, Verdict } from './verdict.js';

/** A time in which nothing was done to the servers. */
export interface Calm {
  from: number;
  to: number;
  /** Ticks of all rooms in it, and those of them that began over 10 ms late, as the servers count them. */
  ticks: number;
  lateTicks: number;
}

/** How well players and servers kept up in the calm. */
export interface CalmLoad {
  /** The share of the inputs wanted that was answered within a second. */
  answered: number;
  answerMs: Spread;
  /** How late the timers of the players' threads were. */
  driverLateMs: Spread;
  /** The share of ticks that began over 10 ms late. */
  lateTicks: number;
}

const inTimeMs = 1_000;
/** Beyond one of these the machine, and not the product alone, decides what is seen. */
const limits = { answered: 0.9, driverLateP99Ms: everyMs };
/** The share of the inputs that may go without an answer where the machine is beyond its limit. */
const mostExcused = 0.05;

export function measureCalm(reports: readonly CrowdReport[], calms: readonly Calm[]): CalmLoad {
  const isCalm = (at = -Infinity): boolean => calms.some(({ from, to }) => at >= from && at < to);
  const players = reports.flatMap(({ transcripts }) => transcripts.flatMap((one) => one.players));
  const sent = players.flatMap(({ inputs }) => inputs.filter(({ sentAt }) => isCalm(sentAt)));
  const answers = sent.flatMap(({ answeredAfterMs }) => answeredAfterMs ?? []);
  const inTime = answers.filter((ms) => ms <= inTimeMs).length;
  // Each calm has the players of its own round.
  const seats = players.length / Math.max(1, calms.length);
  const wanted = calms.reduce((sum, { from, to }) => sum + (seats * (to - from)) / everyMs, 0);
  const delays = reports.flatMap((report) => report.delays.filter(({ at }) => isCalm(at)));
  const ticks = calms.reduce((sum, calm) => sum + calm.ticks, 0);
  const late = calms.reduce((sum, calm) => sum + calm.lateTicks, 0);
  return {
    answered: round(inTime / Math.max(1, wanted)),
    answerMs: spreadOf(answers),
    driverLateMs: spreadOf(delays.map(({ ms }) => ms)),
    lateTicks: round(late / Math.max(1, ticks)),
  };
}

/** Says by what the run is larger than the machine holds, in clauses; none: it holds it. */
export function limitsPassed({ answered, driverLateMs }: CalmLoad): string[] {
  const passed: string[] = [];
  if (answered < limits.answered)
    passed.push(
      `only ${Math.round(answered * 100)} % of the inputs were answered within a second in the calm`,
    );
  if (driverLateMs.p99 > limits.driverLateP99Ms)
    passed.push(`the players' own threads were ${driverLateMs.p99} ms late (p99) in the calm`);
  return passed;
}

/**
 * Parts faults that lateness alone may be behind from the others, where the machine is beyond its limit. An input that is lost, doubled or
 * out of order is never excused, nor is a room that is lost.
 */
export function excuseLate(
  { faults, counts }: Verdict,
  passed: readonly string[],
): { faults: Fault[]; excused: Fault[] } {
  const late = passed.length === 0 ? [] : faults.filter(({ isLate }) => isLate);
  if (late.length > counts.inputs * mostExcused) return { faults, excused: [] };
  return { faults: faults.filter((one) => !late.includes(one)), excused: late };
}

const round = (share: number): number => Math.round(share * 1_000) / 1_000;
