const shownLines = 12;
/** An error further above was survived; V8's own trace has some 25 lines. */
const searchedLines = 40;
/** As Node prints an error that ended a process: `TypeError: …`, `UnknownDependenciesException [Error]: …`; and V8: `FATAL ERROR: …` */
const errorHead = /^(?:FATAL ERROR|\w*(?:Error|Exception)(?: \[\w+\])?): /;

/** The part of a log that says best why its process ended: its end, or what begins with the last error where that is longer. */
export function lastWords(log: string): string {
  const lines = log.trimEnd().split('\n');
  const end = Math.max(0, lines.length - shownLines);
  const error = lines.findLastIndex((line) => errorHead.test(line));
  const isRecent = error >= 0 && error >= lines.length - searchedLines;
  const from = isRecent ? Math.min(error, end) : end;
  return lines.slice(from, from + shownLines).join('\n');
}
