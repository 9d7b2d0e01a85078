export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Clients wait between two tries, each in its own way; nobody waits longer than this, ms. */
const patienceMs = 20_000;

/** @throws Error that says what did not come */
export async function until(what: string, check: () => boolean, withinMs = patienceMs): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!check()) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs / 1_000} s: ${what}`);
    await pause(5);
  }
}

/** @throws Error that says what is wrong */
export function expect(what: string, isSo: boolean): void {
  if (!isSo) throw new Error(what);
}

/** @throws Error that shows both */
export function expectSame(what: string, seen: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${shorten(a)} instead of ${shorten(b)}`);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
