import { paint } from '../paint.js';
import { type SilentServer, silenceOf } from '../release/roll-call.js';

/** A command's result: the same as JSON and as text. */
export interface Findings {
  json: object;
  /** Lines. */
  text: string[];
  /** Servers that may know more; they are named, and never counted as nothing. */
  silent?: SilentServer[];
}

/** JSON has `silent` always, so that a program needn't know the sentence. */
export function show({ json, text, silent = [] }: Findings, isJson: boolean): void {
  if (isJson) return console.log(JSON.stringify({ ...json, silent }, undefined, 2));
  for (const line of text) console.log(line);
  if (silent.length > 0) console.log(silenceNote(silent));
}

/** The line below numbers that these servers may know more about. */
export function silenceNote(silent: readonly SilentServer[]): string {
  return paint('yellow', `${silenceOf(silent)}: what they know is not counted (+ ?).`);
}

/** `3`, or `3 + ?` where somebody who may have more is silent. */
export function atLeast(number: number, silent: readonly SilentServer[]): string {
  return silent.length > 0 ? `${number} + ?` : String(number);
}

/** `2026-11-28 11:20:05 UTC` */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `40 s`, `12 min`, `3 h`, `9 d` */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `7d`, `36h`, `90m`, `45s`: exact, and as `--for` takes it. */
export function durationText(seconds: number): string {
  const [size, letter] = durationUnits.find(([unit]) => seconds % unit === 0) ?? [1, 's'];
  return `${seconds / size}${letter}`;
}

const durationUnits = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
] as const;
