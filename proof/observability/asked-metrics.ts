/** A metric of a PromQL expression, and what is asked of it. */
export interface AskedMetric {
  name: string;
  /** The labels of its selector. */
  labels: string[];
}

const metric = /\b((?:ccgame|nodejs|process|kube)_\w+)(?:\{([^}]*)\})?/g;
const label = /(\w+)\s*(?:=~|!~|!=|=)/g;
/** The three series of a histogram. */
const histogramEnd = /_(bucket|sum|count)$/;

/** The metrics of our servers, and of kube-state-metrics, that an expression asks for. */
export function findAskedMetrics(expr: string): AskedMetric[] {
  return [...expr.matchAll(metric)].map(([, name = '', selector = '']) => ({
    name,
    labels: [...selector.matchAll(label)].map(([, found = '']) => found),
  }));
}

/** The labels by which an expression groups. */
export function findGroupLabels(expr: string): string[] {
  return [...expr.matchAll(/\bby \(([^)]*)\)/g)]
    .flatMap(([, list = '']) => list.split(/,\s*/))
    .filter(Boolean);
}

/** `x_bucket` of a histogram is `x`; a metric of another type may be named so. */
export function declaredNameOf(name: string, isDeclared: (name: string) => boolean): string {
  return isDeclared(name) ? name : name.replace(histogramEnd, '');
}
