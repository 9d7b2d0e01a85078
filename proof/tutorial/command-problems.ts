import type { Command } from 'commander';

/** Everything that a command in a page may name. */
export interface KnownCommands {
  /** `ccgame` with its subcommands. */
  ccgame: Command;
  /** Scripts of the package.json in whose folder the reader stands. */
  scripts: ReadonlySet<string>;
}

/** The faults of the `ccgame` and npm commands in a line of shell; nothing is run. */
export function findCommandProblems(line: string, { ccgame, scripts }: KnownCommands): string[] {
  return splitCommands(line).flatMap((words) => {
    const [program, first, ...rest] = words;
    if (program === 'npx' && first === 'ccgame') return checkArguments(ccgame, rest, 'ccgame');
    if (program !== 'npm') return [];
    const script = first === 'run' ? rest.find((word) => word !== '-s') : first;
    if (first !== 'run' && !['start', 'test'].includes(first)) return [];
    return scripts.has(script ?? '') ? [] : [`there is no script "${script}"`];
  });
}

/** The words of each command in a line. A value that another command gives is one word. */
function splitCommands(line: string): string[][] {
  const word = /"(?:\$\([^)]*\)|[^"])*"|'[^']*'|&&|\|\|?|;|&|[^\s|;&]+/g;
  const commands: string[][] = [[]];
  for (const [text] of line.matchAll(word)) {
    if (/^(&&|\|\|?|;|&)$/.test(text)) commands.push([]);
    else commands.at(-1)?.push(text);
  }
  return commands.filter((words) => words.length > 0);
}

function checkArguments(command: Command, words: string[], name: string): string[] {
  const [first, ...rest] = words;
  const subcommand = command.commands.find((each) => each.name() === first || each.aliases().includes(first));
  if (subcommand) return checkArguments(subcommand, rest, `${name} ${first}`);
  if (command.commands.length > 0 && first !== undefined && !first.startsWith('-'))
    return [`there is no "${name} ${first}"`];
  const problems: string[] = [];
  let positionals = 0;
  for (let index = 0; index < words.length; index += 1) {
    if (!words[index].startsWith('--')) {
      positionals += 1;
      continue;
    }
    const option = command.options.find(({ long }) => long === words[index].split('=')[0]);
    if (!option && !['--help', '--version'].includes(words[index]))
      problems.push(`"${name}" has no option ${words[index]}`);
    if (option?.required || option?.optional) index += 1;
  }
  const wanted = command.registeredArguments;
  const least = wanted.filter(({ required }) => required).length;
  const isVariadic = wanted.at(-1)?.variadic ?? false;
  if (positionals < least || (positionals > wanted.length && !isVariadic))
    problems.push(`"${name}" is given ${positionals} arguments`);
  return problems;
}
