import { paintMarks } from '../paint.js';

let isJson = false;

/** With `--json` stdout has one JSON value and nothing else: what is told on the way goes to stderr. */
export function expectJson(isAsked: boolean): void {
  isJson = isAsked;
}

/** A line on the way to a command's result. */
export function printNote(line: string): void {
  if (isJson) process.stderr.write(`${line}\n`);
  else console.log(paintMarks(line));
}

/** A command's result, in the form that was asked for. */
export function printResult(json: object, text: string): void {
  console.log(isJson ? JSON.stringify(json, undefined, 2) : text);
}
