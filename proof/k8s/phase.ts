import { Publisher } from '../torture/publisher.js';
import { type Account, Robots } from './robots.js';
import { pause } from './pause.js';
import type { Stage } from './stage.js';

/** Which of the robots' figures must be 0 meanwhile. */
export type MustBeZero = 'httpFailed' | 'socketFailed' | 'ticketsLost' | 'lost' | 'duplicated' | 'reordered';

/** A planned change is noticed by nobody. */
export const nothing: MustBeZero[] = [
  'httpFailed',
  'socketFailed',
  'ticketsLost',
  'lost',
  'duplicated',
  'reordered',
];

/** A killed server takes the requests along that it was answering, HTTP (502) and others (GONE); no promise breaks. */
export const nothingPromised: MustBeZero[] = ['ticketsLost', 'lost', 'duplicated', 'reordered'];

export interface Phase {
  /** The line of the list in docs/deploy.md that it proves. */
  line: number;
  title: string;
  mustBeZero: MustBeZero[];
  /** So long a player may go without a push, ms. */
  mostSilentMs?: number;
  /** So long a robot may have no answer, ms. */
  mostOutageMs?: number;
  /** NATS itself goes, and what pushes to the robots with it. */
  isWithoutPushes?: boolean;
  run(stage: Stage): Promise<void>;
}

const robotCount = 8;

/** Robots play from before the phase until after it, through the Ingress, over HTTP and sockets. */
export async function runPhase(phase: Phase, stage: Stage): Promise<void> {
  const { report } = stage;
  report.begin(phase.line, phase.title);
  const publisher = phase.isWithoutPushes ? undefined : await Publisher.open(stage.operatorAddress);
  const robots = new Robots(stage.url, publisher);
  const since = performance.now();
  try {
    await robots.start(robotCount);
    await pause(2000);
    await phase.run(stage);
  } catch (error) {
    report.check(`goes through: ${String(error)}`, false);
  }
  await pause(3000);
  const account = await robots.stop();
  await publisher?.close();
  report.figure(`${robotCount} robots`, {
    seconds: Math.round((performance.now() - since) / 1000),
    ...account,
  });
  const { mostSilentMs = Infinity, mostOutageMs = Infinity } = phase;
  if (mostSilentMs < Infinity)
    report.check(
      `nobody went without a push for ${mostSilentMs} ms, ${account.longestGapMs} ms at most`,
      account.longestGapMs < mostSilentMs,
    );
  if (mostOutageMs < Infinity)
    report.check(
      `nobody was without an answer for ${mostOutageMs} ms, ${account.longestOutageMs} ms at most`,
      account.longestOutageMs < mostOutageMs,
    );
  if (phase.mustBeZero.length === 0) return;
  report.check(
    zeros(phase.mustBeZero),
    phase.mustBeZero.every((name) => account[name] === 0),
  );
}

const words: Record<MustBeZero, string> = {
  httpFailed: 'failed HTTP requests',
  socketFailed: 'failed socket requests',
  ticketsLost: 'lost tickets',
  lost: 'lost pushes',
  duplicated: 'doubled pushes',
  reordered: 'reordered pushes',
} satisfies Partial<Record<keyof Account, string>>;

const zeros = (names: MustBeZero[]): string => `0 ${names.map((name) => words[name]).join(', ')}`;
