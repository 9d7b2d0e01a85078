import { defineVariables } from '@ccgame/config';

/**
 * The game's own environment variables, validated at start with the framework's; a secret is never shown.
 *
 *     DATABASE_URL: { schema: z.url(), isSecret: true }
 */
export const Environment = defineVariables({});
