const shownLines = 12;
/** As Node prints an error that ended a process: `TypeError: …`, `UnknownDependenciesException [Error]: …` */
const errorHead = /^\w*(?:Error|Exception)(?: \[\w+\])?: /;

/** The part of a log that says best why its process ended: its end, or what begins with the last error where that is longer. */
export function lastWords(log: string): string {
  const lines = log.trimEnd().split('\n');
  const end = Math.max(0, lines.length - shownLines);
  const error = lines.findLastIndex((line) => errorHead.test(line));
  const from = error < 0 ? end : Math.min(error, end);
  return lines.slice(from, from + shownLines).join('\n');
}
