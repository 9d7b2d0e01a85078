import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path/posix';

/** A text of the repository and where it lies. */
export interface Source {
  path: string;
  text: string;
}

/** Folders of the top level, also those of former layouts: a path that begins so is meant as one of this repository. */
const topFolders = ['apps', 'bench', 'cli', 'clients', 'docs', 'examples', 'game', 'k8s', 'libs', 'proof'];
const rooted = new RegExp(`(?<![\\w#@/.<*-])(?:${topFolders.join('|')})/[\\w./<>*@-]*`, 'g');
const fileName = /(?<![\w#@/.<*{$-])[\w.<>*-]+(?:\/[\w.<>*-]+)*\.(?:ts|mjs|cjs|md)(?![\w/*({])/g;
const link = /\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g;
const decision = /\bdecisions? ((?:\d{3}(?:, | and )?)+)/gi;

/** Paths that a reader is told to make, and names that only look like files. */
const made = [
  /^apps\/chat\b/,
  /^k8s\/chat\b/,
  /^libs\/<name>/,
  /^game\/<file>/,
  /^libs\/\*/,
  /\bjest\.config\.mjs$/,
];

/** The citations of one text that lead nowhere, as `<file>: <what it cites>`. */
export function findDeadCitations(source: Source, repository: Repository): string[] {
  const isDocument = source.path.endsWith('.md');
  const text = isDocument ? source.text : commentsOf(source);
  const dead = new Set<string>();
  const written = isDocument ? filesOfReader(text) : [];
  const isMade = (path: string): boolean =>
    written.some((file) => file === path || file.endsWith(`/${path}`) || file.startsWith(`${path}/`));
  for (const path of Array.from(text.matchAll(rooted), ([path]) => trimEnd(path)))
    if (!repository.hasPath(path) && !isMade(path.replace(/\/$/, ''))) dead.add(path);
  for (const [path] of isDocument ? inBackticks(text).matchAll(fileName) : [])
    if (!repository.endsSome(path) && !isMade(path)) dead.add(path);
  for (const [, path, anchor] of isDocument ? text.matchAll(link) : [])
    if (!repository.hasLink(source.path, path, anchor)) dead.add(`(${path}${anchor ? `#${anchor}` : ''})`);
  for (const [, numbers] of text.matchAll(decision))
    for (const [number] of numbers.matchAll(/\d{3}/g))
      if (!repository.hasDecision(number)) dead.add(`decision ${number}`);
  return [...dead].map((cited) => `${source.path}: ${cited}`);
}

/** The paths of the repository, committed or not yet. */
export class Repository {
  private readonly folders = new Set<string>();

  constructor(
    private readonly files: string[],
    private readonly readText: (path: string) => string,
  ) {
    for (const file of files)
      for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) this.folders.add(folder);
  }

  hasPath(path: string): boolean {
    if (made.some((pattern) => pattern.test(path))) return true;
    const wanted = path.replace(/\/$/, '').replace(/\.js$/, '.ts');
    if (this.folders.has(wanted) || this.files.includes(wanted) || topFolders.includes(wanted)) return true;
    if (/[<*]/.test(wanted)) return this.matchesSome(new RegExp(`^${asPattern(wanted)}(/|$)`));
    return isIgnored(path);
  }

  endsSome(path: string): boolean {
    if (made.some((pattern) => pattern.test(path))) return true;
    return this.matchesSome(new RegExp(`(^|/)${asPattern(path)}$`)) || isIgnored(path);
  }

  hasLink(from: string, path: string, anchor?: string): boolean {
    const target = path ? join(dirname(from), path).replace(/\/$/, '') : from;
    if (!this.files.includes(target) && !this.folders.has(target)) return false;
    return !anchor || headingAnchors(this.readText(target)).includes(anchor);
  }

  hasDecision(number: string): boolean {
    return this.matchesSome(new RegExp(`^docs/decisions/${number}-`));
  }

  private matchesSome(pattern: RegExp): boolean {
    return this.files.some((file) => pattern.test(file));
  }
}

/** The files that a page lets its reader write, by a block with `file=<path>` or by a command whose output it shows. */
function filesOfReader(markdown: string): string[] {
  const given = [...markdown.matchAll(/^```\w+ file=(\S+)/gm)].map(([, path]) => path);
  const printed = [...markdown.matchAll(/^```text[^\n]*\n([^]*?)^```/gm)].flatMap(([, text]) =>
    text.split('\n'),
  );
  return [...given, ...printed.map((line) => line.trim())];
}

/** Only comments: in code a path may be a request's, a subject's or one that a test plants. */
function commentsOf({ path, text }: Source): string {
  const comment = /\.(ya?ml|sh)$|Dockerfile|\.ci\/run$/.test(path)
    ? /(?:^|\s)#(.*)/
    : /(?:^|\s)(?:\/\/|\/\*\*?|\*(?= ))(.*)/;
  return text
    .split('\n')
    .map((line) => comment.exec(line)?.[1] ?? '')
    .join('\n');
}

function inBackticks(text: string): string {
  const prose = text.replace(/^```[^]*?^```/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) => code).join('\n');
}

function headingAnchors(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function asPattern(path: string): string {
  const pattern = path.replace(/[.+()[\]{}|^$?\\]/g, '\\$&');
  return pattern.replace(/<[^>]*>|\*\*?/g, (part) => (part === '**' ? '.*' : '[^/]*'));
}

function trimEnd(path: string): string {
  return path.replace(/[.,-]+$/, '');
}

/** Built and generated files: named in .gitignore, so they come to be by a command. */
function isIgnored(path: string): boolean {
  try {
    execFileSync('git', ['check-ignore', '-q', '--no-index', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
