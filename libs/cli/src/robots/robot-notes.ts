/** Figures of durations, ms. */
interface Spread {
  p50: number;
  p99: number;
  longest: number;
  count: number;
}

/** The counts and measurements of all robots. */
export class RobotNotes {
  private readonly counts = new Map<string, number>();
  private readonly samples = new Map<string, number[]>();

  countOne(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  measureMs(name: string, ms: number): void {
    const known = this.samples.get(name);
    if (known) known.push(ms);
    else this.samples.set(name, [ms]);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** The longest that was measured, ms; 0 without any. */
  longestMs(name: string): number {
    return (this.samples.get(name) ?? []).reduce((most, ms) => Math.max(most, ms), 0);
  }

  /** The counts by name, and what was measured, in ms. */
  summarize(): { counts: Record<string, number>; measuredMs: Record<string, Spread> } {
    const measured = [...this.samples].map(([name, samples]) => [name, spreadOf(samples)] as const);
    return { counts: Object.fromEntries(this.counts), measuredMs: Object.fromEntries(measured) };
  }

  /** One line a name: `inputs answered  812`, `between two states  p50 50, p99 61, longest 180 ms (9,120)` */
  toString(): string {
    const lines = [
      ...[...this.counts].map(([name, count]) => [name, String(count)] as const),
      ...[...this.samples].map(([name, samples]) => [name, spreadText(spreadOf(samples))] as const),
    ];
    const width = Math.max(0, ...lines.map(([name]) => name.length));
    return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
  }
}

function spreadOf(samples: number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), longest: at(1), count: sorted.length };
}

function spreadText({ p50, p99, longest, count }: Spread): string {
  return `p50 ${p50}, p99 ${p99}, longest ${longest} ms (${count})`;
}
