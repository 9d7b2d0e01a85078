/** Where a player's connector listens for him. */
export const deliverSubject = (playerId: string): string => `deliver.u.${playerId}`;
