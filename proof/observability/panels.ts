/** A line, or several, of a panel. */
export interface Query {
  /** PromQL; the dashboard's variables are put into each of our metrics. */
  expr: string;
  /** Grafana's: `{{route}}`. */
  legend: string;
}

export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops';

/** One graph. */
export interface Panel {
  title: string;
  /** For somebody who sees it the first time. */
  description: string;
  unit: Unit;
  queries: Query[];
  /** Half of the width unless it is `full`. */
  width?: 'full';
}

/** One dashboard, as its author writes it. */
export interface Dashboard {
  /** The name in its address in Grafana, and of its file. */
  uid: string;
  title: string;
  description: string;
  panels: Panel[];
}

export function graph(title: string, unit: Unit, description: string, ...queries: Query[]): Panel {
  return { title, description, unit, queries };
}

/** One line for each value of the labels. */
export function rateBy(metric: string, labels: string, legend: string): Query {
  return { expr: `sum by (${labels}) (rate(${metric}[$__rate_interval]))`, legend };
}

/** @param quantile 0.99 for p99 */
export function quantileBy(quantile: number, histogram: string, labels: string, legend: string): Query {
  const by = labels === '' ? 'le' : `le, ${labels}`;
  const [name, selector = ''] = histogram.split('{', 2);
  const buckets = selector === '' ? `${name}_bucket` : `${name}_bucket{${selector}`;
  return {
    expr: `histogram_quantile(${quantile}, sum by (${by}) (rate(${buckets}[$__rate_interval])))`,
    legend,
  };
}

/** @param how `sum`, `max` */
export function gaugeBy(how: 'sum' | 'max', metric: string, labels: string, legend: string): Query {
  return { expr: labels === '' ? `${how}(${metric})` : `${how} by (${labels}) (${metric})`, legend };
}
