/** A player of a bench, on whichever server. */
export interface BenchPlayer {
  steer(x: number, y: number): void;
  /** Called with each state that came: how many of the player's inputs it has. */
  onView?: (inputs: number) => void;
}

/** An arena on some server, with players in it. */
export interface BenchGame {
  players: BenchPlayer[];
  /** Process ids by what they are. */
  processes: Record<string, number>;
  meter: { received: number; sent: number };
  stop(): Promise<void>;
}

export interface BenchSize {
  rooms: number;
  seats: number;
}
