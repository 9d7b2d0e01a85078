export { isNatsVersionSupported, oldestNatsVersion } from '@ccgame/config';

/** The version that everything was measured on; `go install` and docker-compose.yml take exactly this one. */
export const pinnedNatsVersion = '2.15.2';
