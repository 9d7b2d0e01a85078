type Listener = (value: never) => void;

/** The listeners of each event. One that throws doesn't keep the others from hearing. */
export class Listeners {
  private readonly sets = new Map<string, Set<Listener>>();

  on(name: string, listener: Listener): () => void {
    const set = this.sets.get(name) ?? new Set();
    this.sets.set(name, set.add(listener));
    return () => set.delete(listener);
  }

  emit(name: string, value: unknown): void {
    const set = this.sets.get(name);
    // Those that are there now: one that is added meanwhile hears of the next event.
    for (const listener of [...(set ?? [])]) {
      if (!set?.has(listener)) continue;
      try {
        listener(value as never);
      } catch (error) {
        // As an event target does it: reported as uncaught, so that the game's own handler and the console show it.
        // Not queueMicrotask, which mini games lack.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}
