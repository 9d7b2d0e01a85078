type Listen = (event: 'online', listener: () => void) => void;

/** Calls when a browser says that it has a network again; other platforms don't say. Returns what ends that. */
export function whenOnline(listener: () => void): () => void {
  const { addEventListener, removeEventListener } = globalThis as {
    addEventListener?: Listen;
    removeEventListener?: Listen;
  };
  addEventListener?.('online', listener);
  return () => removeEventListener?.('online', listener);
}
