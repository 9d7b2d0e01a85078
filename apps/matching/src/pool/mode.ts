/** How a mode makes matches. Declared in `modes.ts`; one object a mode. */
export interface Mode {
  name: string;
  /** Teams of a match. */
  teams: number;
  /** Players of a team. */
  teamSize: number;
  /** The largest party that may queue together; never more than a team. */
  maxParty: number;
  /** Attributes in which all players of a match must agree, such as the region. */
  hardKeys: string[];
  /** Left out: skill doesn't matter. */
  skill?: SkillWindow;
}

/** How far apart in skill two players may be, as a function of how long the older ticket has waited. */
export interface SkillWindow {
  /** At the beginning. */
  start: number;
  /** Added for each second of waiting. */
  perSecond: number;
  /** From here on anyone fits whom the hard keys allow, so that nobody waits for ever. Milliseconds. */
  longestWaitMs: number;
}

/** How far a ticket may reach after a wait. */
export function windowAfter({ skill }: Mode, waitedMs: number): number {
  if (!skill || waitedMs >= skill.longestWaitMs) return Infinity;
  return skill.start + (skill.perSecond * waitedMs) / 1000;
}

/** The wait after which a ticket reaches so far; never more than the mode's longest. */
export function waitUntilWindow({ skill }: Mode, distance: number): number {
  if (!skill || distance <= skill.start) return 0;
  const wait = skill.perSecond > 0 ? ((distance - skill.start) / skill.perSecond) * 1000 : Infinity;
  return Math.min(wait, skill.longestWaitMs);
}
