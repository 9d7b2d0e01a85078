import type { PushVerdict, RequestVerdict } from './checker.js';
import type { Resume } from './ledger.js';

export interface Report {
  players: number;
  /** How many of them have nothing but socket.io. */
  plain: number;
  seconds: number;
  chaos: Map<string, number>;
  pushes: PushVerdict & { sent: number };
  requests: RequestVerdict;
  notAcknowledged: number;
  notOnline: number;
  /** Players whom no server answered after the last deed. */
  notAnswered: number;
  moves: number;
  resumes: Resume[];
  silencesMs: number[];
  errors: Map<string, number>;
}

/**
 * The counts that must be zero. Requests may fail with a typed error; they may not be silent, nor run twice. Servers that serve nobody
 * break no promise, and are a fault all the same; so is a run of no deed.
 */
export function faultsOf({ pushes, requests, notOnline, notAnswered, chaos }: Report): [string, number][] {
  return [
    ['pushes lost', pushes.lost],
    ['pushes duplicated', pushes.duplicated],
    ['pushes reordered', pushes.reordered],
    ['pushes late', pushes.late],
    ['gaps told without a reason', pushes.unfounded],
    ['requests without an end', requests.silent],
    ['requests with two ends', requests.answeredTwice],
    ['`once` handlers run twice', requests.ranTwice],
    ['answers without a run', requests.neverRan],
    ['runs whose answer the client waited for in vain', requests.swallowed],
    ['players not online at the end', notOnline],
    ['players not answered at the end', notAnswered],
    ['runs without a push that came', Number(pushes.received === 0)],
    ['runs without an answered request', Number(requests.answered === 0)],
    ['runs without a deed', Number(chaos.size === 0)],
  ];
}

export function tableOf(report: Report): string {
  const { pushes, requests, resumes, silencesMs, chaos, errors } = report;
  const rows: [string, string | number][] = [
    ['players (of them plain)', `${report.players} (${report.plain})`],
    ['seconds', report.seconds],
    ...chaos,
    ['planned moves', report.moves],
    ['resumes after a break', resumes.length],
    ['resume ms p50 / p99 / max', spread(resumes.map(({ ms }) => ms))],
    ...byDeed(resumes),
    ['longest silence ms p50 / p99 / max', spread(silencesMs)],
    ['pushes sent / received', `${pushes.sent} / ${pushes.received}`],
    ['told of a gap (pushes missed there)', `${pushes.gaps} (${pushes.excused})`],
    ['pushes without an ack', report.notAcknowledged],
    ['requests answered / failed with a code', `${requests.answered} / ${requests.failed}`],
    ...[...errors].map(([code, count]): [string, number] => [`error ${code}`, count]),
    ...faultsOf(report).map(([name, count]): [string, string] => [`must be 0: ${name}`, String(count)]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** How many resumes each deed brought, and how long they took. */
function byDeed(resumes: Resume[]): [string, string][] {
  const deeds = [...new Set(resumes.map(({ after }) => after))];
  return deeds.map((deed) => {
    const times = resumes.filter(({ after }) => after === deed).map(({ ms }) => ms);
    return [`… in or after ${deed} (${times.length})`, spread(times)];
  });
}

function spread(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `${at(0.5)} / ${at(0.99)} / ${at(1)}`;
}
