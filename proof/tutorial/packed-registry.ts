import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

/** A package registry on this machine, as far as npm asks it when it installs. */
export interface PackedRegistry {
  address: string;
  close(): void;
}

interface Packed {
  manifest: { name: string; version: string };
  tarball: Buffer;
}

/** Serves the tarballs of a folder, and sends npm to the registry that it is set up with for all other packages. */
export async function startPackedRegistry(folder: string): Promise<PackedRegistry> {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const packages = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.tgz'))
      .map((file) => [file, readPacked(join(folder, file))]),
  );
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(url.slice(1));
    const tarball = packages.get(path)?.tarball;
    if (tarball) return void response.end(tarball);
    const found = [...packages].find(([, { manifest }]) => manifest.name === path);
    if (!found) return void response.writeHead(302, { location: new URL(url.slice(1), upstream).href }).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(documentOf(...found, addressOf())));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: addressOf(), close: () => server.close() };

  function addressOf(): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
}

function readPacked(path: string): Packed {
  const manifest = execFileSync('tar', ['xzOf', path, 'package/package.json'], { encoding: 'utf8' });
  return { manifest: JSON.parse(manifest) as Packed['manifest'], tarball: readFileSync(path) };
}

function documentOf(file: string, { manifest, tarball }: Packed, address: string): object {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const version = { ...manifest, dist: { tarball: `${address}${file}`, integrity } };
  return {
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: version },
  };
}
