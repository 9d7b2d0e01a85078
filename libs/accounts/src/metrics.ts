import { Counter } from 'prom-client';

/** Metrics of the accounts. Refused logins are in `ccgame_http_problems_total`. */
export const metrics = {
  logins: new Counter({
    name: 'ccgame_accounts_logins_total',
    help: 'Guests that logged in: new ones, and known ones',
    labelNames: ['guest'],
  }),
};
