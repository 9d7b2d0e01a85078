import { userInfo } from 'node:os';

/** The variables that the command reads for itself. Those of servers are read by @ccgame/config; child processes get all. */
export const environment = {
  /** Where NATS is, when no `npm start` runs here. */
  get natsAddress(): string {
    return process.env.NATS_ADDRESS ?? 'nats://127.0.0.1:4222';
  },

  /** A file with the authority that signed the certificate of NATS, in PEM; undefined: one that the system knows. */
  get natsAuthority(): string | undefined {
    return process.env.NATS_TLS_CA;
  },

  /** The account that gives the command. In CI the account says little; the variables of the usual systems say more. */
  get operator(): string {
    const { GITHUB_ACTOR, GITLAB_USER_LOGIN, BUILD_USER } = process.env;
    return GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? BUILD_USER ?? accountName();
  },

  /** The folders in which programs are looked for, as PATH has them. */
  get path(): string {
    return process.env.PATH ?? '';
  },

  /** How many NATS servers keep what the command makes; undefined: nobody said. */
  get replicas(): number | undefined {
    return Number(process.env.NATS_REPLICAS) || undefined;
  },

  /** Has streams and buckets that the command makes kept by so many NATS servers, unless the operator said how many. */
  adoptReplicas(count: string): void {
    process.env.NATS_REPLICAS ??= count;
  },
};

/** A container may run under a user id that no account has, as OpenShift gives each name space one of its own. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.()}`;
  }
}
