import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linesOf, type PageStep } from './page-steps.js';
import { endOfLines } from './printed-lines.js';
import { Terminal } from './terminal.js';

export interface RunPageOptions {
  /** An empty folder, or a game where the page begins in one. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** The ports that stand for those of the page here: `3000`. */
  ports: ReadonlyMap<string, number>;
  tell: (text: string) => void;
}

/** Commands may install and compile; a start compiles, too. */
const [commandsMs, printedMs] = [600_000, 300_000];

/** Does what a page says, step by step. @throws Error that names the place of the step that failed */
export async function runPage(steps: readonly PageStep[], options: RunPageOptions): Promise<void> {
  const terminals = new Map<string, Terminal>();
  const page = new PageRun(terminals, options);
  try {
    for (const step of steps) await page.doStep({ ...step, text: withPorts(step.text, options.ports) });
  } finally {
    for (const terminal of [...terminals.values()].reverse()) await terminal.stop();
  }
}

class PageRun {
  private folder: string;
  private printed = '';

  constructor(
    private readonly terminals: Map<string, Terminal>,
    private readonly options: RunPageOptions,
  ) {
    this.folder = options.folder;
  }

  async doStep(step: PageStep): Promise<void> {
    try {
      if (step.kind === 'file') this.writeFile(step.path, step.text);
      else if (step.kind === 'output') await this.expectOutput(step);
      else if (step.terminal !== undefined) this.openTerminal(step.terminal, step.text);
      else await this.runCommands(step.text);
    } catch (error) {
      throw new Error(`${step.place}: ${(error as Error).message}\n${step.text}`, { cause: error });
    }
  }

  private writeFile(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  private async expectOutput(step: PageStep & { kind: 'output' }): Promise<void> {
    const lines = linesOf(step);
    if (step.terminal !== undefined) return this.terminals.get(step.terminal)?.untilPrinted(lines, printedMs);
    if (endOfLines(this.printed, lines) === undefined) throw new Error('the commands did not print this');
  }

  private openTerminal(name: string, commands: string): void {
    if (this.terminals.has(name)) throw new Error(`the terminal ${name} is in use`);
    this.terminals.set(name, this.start(name, commands));
  }

  /** The next commands begin in the folder that these end in. */
  private async runCommands(commands: string): Promise<void> {
    const folderFile = join(this.options.folder, '.folder');
    this.printed = await this.start('$', `${commands}\npwd > '${folderFile}'`).untilEnd(commandsMs);
    this.folder = readFileSync(folderFile, 'utf8').trim();
  }

  private start(name: string, commands: string): Terminal {
    const { env, tell } = this.options;
    tell(`\n[${name}] ${commands.replace(/\npwd > .*/, '').trim()}\n`);
    return new Terminal(commands, { cwd: this.folder, env, onOutput: tell });
  }
}

function withPorts(text: string, ports: ReadonlyMap<string, number>): string {
  return text.replace(/\b\d{4}\b/g, (number) => String(ports.get(number) ?? number));
}
