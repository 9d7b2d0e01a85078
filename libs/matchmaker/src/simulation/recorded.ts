import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Mode } from '../pool/rules/mode.js';
import type { Arrival } from './arrivals.js';
import { UsageError } from './options.js';

const arrivalSchema = z.strictObject({
  atMs: z.number().min(0),
  party: z.number().int().min(1).max(200).default(1),
  attributes: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  roles: z.array(z.array(z.string())).optional(),
  latencyMs: z.record(z.string(), z.number()).optional(),
  leavesAtMs: z.number().optional(),
});

/**
 * Reads a recording, sorted by time: of JSON lines, each an {@link Arrival}, or CSV with a line of names, where `roles` are
 * `healer|scout` for each player with a semicolon between two, `latency.eu` is a region's, and what is no field of an arrival
 * is an attribute.
 *
 * @throws UsageError that names the line
 */
export function recordedArrivals(file: string, mode: Mode): Arrival[] {
  const lines = readText(file).split(/\r?\n/);
  const rows = file.endsWith('.csv') ? csvRows(lines, mode) : lines.map(jsonRow);
  const arrivals = rows.flatMap((row, i) => {
    if (row === undefined) return [];
    const parsed = arrivalSchema.safeParse(row);
    if (parsed.success) return [parsed.data];
    const [{ path, message }] = parsed.error.issues;
    throw new UsageError(`${file}, line ${i + 1}: ${path.join('.')} ${message}`);
  });
  return arrivals.sort((a, b) => a.atMs - b.atMs);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
}

function jsonRow(line: string, i: number): unknown {
  if (line.trim() === '') return undefined;
  try {
    return JSON.parse(line);
  } catch {
    throw new UsageError(`Line ${i + 1} of the recording is no JSON`);
  }
}

function csvRows([header, ...lines]: string[], { attributes = {} }: Mode): unknown[] {
  const names = header.split(',').map((name) => name.trim());
  const rows = lines.map((line) => {
    if (line.trim() === '') return undefined;
    const values = line.split(',').map((value) => value.trim());
    const given = names.flatMap((name, i): Array<[string, string]> => (values[i] ? [[name, values[i]]] : []));
    return rowOf(given, (name) => attributes[name]?.type === 'number');
  });
  return [undefined, ...rows];
}

function rowOf(given: Array<[string, string]>, isNumber: (name: string) => boolean): unknown {
  const row: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  const latencyMs: Record<string, number> = {};
  for (const [name, value] of given) {
    if (['atMs', 'party', 'leavesAtMs'].includes(name)) row[name] = Number(value);
    else if (name === 'roles') row.roles = value.split(';').map((own) => own.split('|').filter(Boolean));
    else if (name.startsWith('latency.')) latencyMs[name.slice('latency.'.length)] = Number(value);
    else attributes[name] = isNumber(name) ? Number(value) : value;
  }
  row.attributes = attributes;
  if (Object.keys(latencyMs).length > 0) row.latencyMs = latencyMs;
  return row;
}
