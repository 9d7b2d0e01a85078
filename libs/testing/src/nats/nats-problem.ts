import { oldestNatsVersion, pinnedNatsVersion } from './version.js';

/** There is no usable NATS; the message is one sentence or a short list that says what to do. */
export class NatsProblem extends Error {
  override readonly name = 'NatsProblem';

  static none(tried: string[]): NatsProblem {
    return new NatsProblem(
      [
        'No NATS server can be had here. Any one of these four ways will do:',
        '  1. set NATS_ADDRESS to a running server, for example nats://127.0.0.1:4222',
        `  2. put nats-server ${oldestNatsVersion} or newer on PATH (${pinnedNatsVersion} is the version measured)`,
        '  3. start a Docker engine; its compose plugin runs the nats service of docker-compose.yml',
        `  4. install Go; nats-server ${pinnedNatsVersion} is then built into .ccgame/bin, once`,
        ...tried.map((line) => `  (${line})`),
      ].join('\n'),
    );
  }

  static tooOld(where: string, version: string): NatsProblem {
    return new NatsProblem(
      `The NATS server ${where} is version ${version}; ccgame needs ${oldestNatsVersion} or newer, because JetStream ` +
        'republish, batched direct reads and a TTL for each KV key are missing or too slow in older ones. ' +
        `Install ${pinnedNatsVersion}, or unset what points to the old one.`,
    );
  }

  static noJetStream(where: string): NatsProblem {
    return new NatsProblem(
      `The NATS server ${where} runs without JetStream; start it with "nats-server -js".`,
    );
  }

  static refused(where: string): NatsProblem {
    return new NatsProblem(
      `The NATS server ${where} refuses the user or password; put the right ones in NATS_ADDRESS, as in nats://user:password@host:4222.`,
    );
  }

  static unreachable(where: string, reason: string): NatsProblem {
    return new NatsProblem(
      `The NATS server ${where} does not answer (${reason}); start it, or unset NATS_ADDRESS to have one started for you.`,
    );
  }

  /** @param printed by `docker compose`; its last line says why. */
  static noContainer(printed: string): NatsProblem {
    return new NatsProblem(
      `Docker could not start the nats service of docker-compose.yml (${printed.trim().split('\n').at(-1)}); ` +
        'mend that, or set NATS_ADDRESS, or put nats-server on PATH.',
    );
  }

  static takenBy(launcherPid: number): NatsProblem {
    return new NatsProblem(
      `"npm start" runs in this folder already (process ${launcherPid}); stop it, or start the other one in another clone.`,
    );
  }
}
