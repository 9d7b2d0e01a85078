/** The server types of ccgame itself that run all the time. */
export const serverTypes = ['http', 'connector', 'matching'] as const;

export interface ServerLabels {
  serverId: string;
  serverType: string;
  version: string;
}

/** The labels that the Downward API would give to pod `ordinal` of a StatefulSet: `connector-dev-v100000-0`. */
export function labelsOf(
  serverType: string,
  version: string,
  ordinal: number,
  environment = 'dev',
): ServerLabels {
  return {
    serverId: `${serverType}-${environment}-v${version.replaceAll('.', '')}-${ordinal}`,
    serverType,
    version,
  };
}
