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
    for (const listener of this.sets.get(name) ?? []) {
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
