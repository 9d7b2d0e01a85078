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

  /** One line a name: `inputs answered  812`, `between two states  p50 50, p99 61, longest 180 ms (9,120)` */
  toString(): string {
    const lines = [
      ...[...this.counts].map(([name, count]) => [name, String(count)] as const),
      ...[...this.samples].map(([name, samples]) => [name, spread(samples)] as const),
    ];
    const width = Math.max(0, ...lines.map(([name]) => name.length));
    return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
  }
}

function spread(samples: number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ms (${sorted.length})`;
}
