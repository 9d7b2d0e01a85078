const works = ['pass', 'plan', 'tell', 'explain', 'rebuild', 'sweep'];
const isMetric = /^([a-z_]+)\{([^}]*)\} ([0-9.e+-]+)$/;

interface Sample {
  name: string;
  labels: string;
  value: number;
}

/** The matching server's counts, read once. */
export class Metrics {
  private constructor(private readonly samples: Sample[]) {}

  static async of(healthPort: number): Promise<Metrics> {
    const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    const samples = text.split('\n').flatMap((line): Sample[] => {
      const [, name, labels = '', value] = isMetric.exec(line) ?? [];
      return name ? [{ name, labels, value: Number(value) }] : [];
    });
    return new Metrics(samples);
  }

  /** The sum of all samples of a name that have these labels, such as `work="pass"`. */
  sum(name: string, ...labels: string[]): number {
    const found = this.samples.filter(
      (sample) => sample.name === name && labels.every((label) => sample.labels.includes(label)),
    );
    return found.reduce((sum, { value }) => sum + value, 0);
  }
}

/** How many slices there were of each work, how many longer than 8, 12 and 20 ms, and the longest, ms. */
export function sliceTable(metrics: Metrics): Record<string, Record<string, number>> {
  const rows = works.map((work): [string, Record<string, number>] => {
    const name = 'ccgame_matching_slice_seconds';
    const label = `work="${work}"`;
    const count = metrics.sum(`${name}_count`, label);
    const over = (bound: string): number => count - metrics.sum(`${name}_bucket`, label, `le="${bound}"`);
    const longest = metrics.sum('ccgame_matching_longest_slice_seconds', label) * 1000;
    return [
      work,
      { count, 'over 8 ms': over('0.008'), 'over 12 ms': over('0.012'), 'over 20 ms': over('0.02'), longest },
    ];
  });
  return Object.fromEntries(rows.filter(([, { count }]) => count > 0));
}

/** How many garbage collections stopped the server for over 20 ms: whichever slice they fall into is as long. */
export function longCollections(metrics: Metrics): number {
  const name = 'nodejs_gc_duration_seconds';
  return metrics.sum(`${name}_count`) - metrics.sum(`${name}_bucket`, 'le="0.02"');
}
