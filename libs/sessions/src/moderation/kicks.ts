/** A session that was ended can't be resumed for so long: longer than its record lasts. */
export const keptKickSeconds = 180;
