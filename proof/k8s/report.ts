/** The findings of the proof: printed as it goes, and the figures once more at the end. */
export class Report {
  readonly failures: string[] = [];
  private readonly figures: object[] = [];
  private line = 0;
  private checks = 0;

  say(text: string): void {
    console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
  }

  begin(line: number, title: string): void {
    this.line = line;
    this.say(`== ${line}: ${title}`);
  }

  check(what: string, isTrue: boolean): void {
    this.checks += 1;
    this.say(`${isTrue ? '✓' : '✗'} ${what}`);
    if (!isTrue) this.failures.push(`${this.line}: ${what}`);
  }

  figure(what: string, figures: object): void {
    this.say(`  ${what}: ${JSON.stringify(figures)}`);
    this.figures.push({ line: this.line, what, ...figures });
  }

  /** Returns whether everything held; a run that proved nothing doesn't. */
  end(): boolean {
    if (this.checks === 0) this.failures.push('nothing was checked');
    console.log('\nFigures:');
    for (const figure of this.figures) console.log(JSON.stringify(figure));
    const isGood = this.failures.length === 0;
    console.log(isGood ? '\nAll proofs hold.' : `\nFailed:\n${this.failures.join('\n')}`);
    return isGood;
  }
}
