/** Empty partitions that are kept: of more of them those that are empty for longest are forgotten at once. */
const mostEmpty = 1_000;

/** The empty partitions that are too many. @param writing names of those of which a match is being written */
export function surplusOf<P extends { name: string; emptySince?: number }>(
  partitions: Iterable<P>,
  writing: ReadonlySet<string>,
): P[] {
  const empty = [...partitions].filter(({ emptySince }) => emptySince !== undefined);
  if (empty.length <= mostEmpty) return [];
  const idle = empty.filter(({ name }) => !writing.has(name));
  idle.sort((one, other) => (one.emptySince ?? 0) - (other.emptySince ?? 0));
  return idle.slice(0, empty.length - mostEmpty);
}
