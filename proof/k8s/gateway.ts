import { certificate } from './certificate.js';
import { kubectl, read } from './cluster.js';
import { until } from './pause.js';
import type { Report } from './report.js';

/** A Gateway says of a listener that it can't have within this time. */
const tlsMs = 15_000;

interface Gateway {
  status: {
    listeners?: Array<{ name: string; conditions: Array<{ type: string; status: string }> }>;
  };
}

/** The Gateway with its certificate. Returns where players come in. */
export async function openGateway(report: Report, folder: string): Promise<string> {
  const { key, crt } = certificate;
  await kubectl('delete', 'secret', 'game-tls', '--ignore-not-found');
  await kubectl('create', 'secret', 'tls', 'game-tls', `--key=${key}`, `--cert=${crt}`);
  await kubectl('apply', '-k', `${folder}/ingress/gateway-api`);
  const isProgrammed = async (): Promise<boolean> => {
    const { status } = await read<Gateway>('gateway', 'game');
    const https = status.listeners?.find(({ name }) => name === 'https');
    return https?.conditions.some(({ type, status: is }) => type === 'Programmed' && is === 'True') === true;
  };
  try {
    await until('the https listener is programmed', tlsMs, isProgrammed);
  } catch {
    report.say('– not proven here: TLS. This Gateway does not take its https listener: all goes by http');
    return 'http://localhost';
  }
  report.check('the Gateway takes TLS: all that follows goes by https and wss', true);
  return 'https://localhost';
}
