/** One fenced block of a page that a reader acts on. */
export type PageStep = {
  /** Where the page has it, for errors: `docs/tutorial.md:12`. */
  place: string;
  text: string;
} & (
  | { kind: 'commands'; terminal?: string }
  /** Lines that a terminal prints; without a terminal, those that the commands before it printed. */
  | { kind: 'output'; terminal?: string }
  | { kind: 'file'; path: string }
);

const fence = /^```(\w+)(?: (.*))?\n([^]*?)^```$/gm;

/**
 * The blocks of a page in their order: `sh` to run to the end, `sh terminal=<name>` to keep running, `text` for what is printed then, and
 * `<language> file=<path>` for a file to write. Blocks of other kinds are to read only.
 */
export function readSteps(page: string, markdown: string): PageStep[] {
  return [...markdown.matchAll(fence)].flatMap((block): PageStep[] => {
    const [, language, info = '', text] = block;
    const place = `${page}:${markdown.slice(0, block.index).split('\n').length}`;
    const path = wordAfter('file=', info);
    const terminal = wordAfter('terminal=', info);
    if (path !== undefined) return [{ kind: 'file', path, text, place }];
    if (language === 'sh') return [{ kind: 'commands', terminal, text, place }];
    if (language === 'text') return [{ kind: 'output', terminal, text, place }];
    return [];
  });
}

function wordAfter(name: string, info: string): string | undefined {
  const word = info.split(' ').find((each) => each.startsWith(name));
  return word?.slice(name.length);
}

/** The lines of a block that say something; what stands behind ` #` is a comment. */
export function linesOf(step: PageStep): string[] {
  return step.text
    .split('\n')
    .map((line) => (step.kind === 'commands' ? line.replace(/\s+#.*$/, '') : line).trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
