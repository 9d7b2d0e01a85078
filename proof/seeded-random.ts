/** Numbers from 0 to 1, the same ones for the same seed: a linear congruential generator with the numbers of glibc's TYPE_0. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}
