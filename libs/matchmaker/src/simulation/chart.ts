/** A chart of lines, each of points with ascending x. */
export interface Chart {
  title: string;
  x: string;
  lines: Array<{ points: Array<[x: number, y: number]>; isDashed?: boolean }>;
}

const [width, height] = [560, 340];
const margin = { left: 60, right: 20, top: 40, bottom: 50 };
const colours = ['#1f6fb2', '#d1662b'];
const head = 60;

/** Draws charts two by two; the lines of each chart belong to the names in turn, dashed ones to the same as before. */
export function chartSvg(charts: readonly Chart[], title: string, names: readonly string[]): string {
  const rows = Math.ceil(charts.length / 2);
  const [totalWidth, totalHeight] = [2 * width, head + rows * height];
  const drawn = charts.map((chart, i) => {
    const place = `translate(${(i % 2) * width} ${head + Math.floor(i / 2) * height})`;
    return `<g transform="${place}">${chartIn(chart, names.length)}</g>`;
  });
  const legend = names.map((name, i) => {
    const x = margin.left + i * 220;
    return `<line x1="${x}" y1="46" x2="${x + 28}" y2="46" stroke="${colours[i]}" stroke-width="3"/>${label(x + 36, 50, name)}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${totalWidth} ${totalHeight}" width="${totalWidth}" height="${totalHeight}" font-family="sans-serif" font-size="12">`,
    `<rect width="${totalWidth}" height="${totalHeight}" fill="white"/>`,
    label(margin.left, 26, title, 'font-size="17" font-weight="bold"'),
    ...legend,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function chartIn({ title, x, lines }: Chart, modes: number): string {
  const points = lines.flatMap((line) => line.points);
  const xs = axisOf(points.map(([value]) => value));
  const ys = axisOf([0, ...points.map(([, value]) => value)]);
  const toX = (value: number): number =>
    margin.left + ((value - xs.from) / (xs.to - xs.from)) * (width - margin.left - margin.right);
  const toY = (value: number): number =>
    height - margin.bottom - ((value - ys.from) / (ys.to - ys.from)) * (height - margin.top - margin.bottom);
  const perMode = lines.length / modes;
  const paths = lines.map(({ points: own, isDashed }, i) => {
    const d = own
      .map(([px, py], p) => `${p === 0 ? 'M' : 'L'}${toX(px).toFixed(1)} ${toY(py).toFixed(1)}`)
      .join('');
    const dash = isDashed ? ' stroke-dasharray="5 4"' : '';
    return `<path d="${d}" fill="none" stroke="${colours[Math.floor(i / perMode)]}" stroke-width="2"${dash}/>`;
  });
  const grid = [
    ...ys.ticks.map((tick) => {
      const at = toY(tick).toFixed(1);
      const text = label(margin.left - 8, Number(at) + 4, String(tick), 'text-anchor="end"');
      return `<line x1="${margin.left}" y1="${at}" x2="${width - margin.right}" y2="${at}" stroke="#ddd"/>${text}`;
    }),
    ...xs.ticks.map((tick) =>
      label(toX(tick), height - margin.bottom + 18, String(tick), 'text-anchor="middle"'),
    ),
  ];
  return [
    label(margin.left, 24, title, 'font-size="14" font-weight="bold"'),
    ...grid,
    label(width - margin.right, height - margin.bottom + 38, x, 'text-anchor="end" fill="#555"'),
    ...paths,
  ].join('\n');
}

interface Axis {
  from: number;
  to: number;
  ticks: number[];
}

/** Round ticks, about six, from the least to the most. */
function axisOf(values: readonly number[]): Axis {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(most > least)) return { from: 0, to: Math.max(1, Number.isFinite(most) ? most : 1), ticks: [0, 1] };
  const rough = (most - least) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const [from, to] = [Math.floor(least / step) * step, Math.ceil(most / step) * step];
  const count = Math.round((to - from) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((from + i * step).toPrecision(8)));
  return { from, to, ticks };
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function label(x: number, y: number, text: string, attributes = ''): string {
  const escaped = text.replace(/[&<>]/g, (found) => escapes[found]);
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped}</text>`;
}
