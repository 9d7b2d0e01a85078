import type { NatsServer } from '@ccgame/testing';
import type { NatsFolder } from './nats-folder.js';
import { restartPauseMs } from './restart-pause.js';

/** Has the launcher's own nats-server started again when it dies, with the same port and files, as the game's servers are. */
export class NatsKeeper {
  private isStopped = false;
  private failures = 0;
  private timer?: NodeJS.Timeout;
  private restarting?: Promise<void>;

  constructor(
    private readonly server: NatsServer,
    private readonly folder: Pick<NatsFolder, 'noteServer' | 'releaseFolder'>,
    /** Told in one line that it died, and that it is there again. */
    private readonly onEvent: (line: string) => void,
  ) {
    this.watchServer();
  }

  async stopServer(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.restarting;
    await this.server.stop();
    this.folder.releaseFolder();
  }

  private watchServer(): void {
    this.server.onCrash((how) => {
      if (this.isStopped) return;
      this.onEvent(`! nats-server died (${how}); it is started again`);
      this.scheduleRestart();
    });
  }

  private scheduleRestart(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.restarting = this.restartServer();
    }, restartPauseMs(this.failures));
  }

  private async restartServer(): Promise<void> {
    try {
      await this.server.start();
      await this.folder.noteServer(this.server);
    } catch (error) {
      this.failures += 1;
      await this.server.stop('SIGKILL');
      this.onEvent(`! nats-server did not come back yet: ${(error as Error).message}`);
      this.scheduleRestart();
      return;
    }
    this.failures = 0;
    this.watchServer();
    this.onEvent(`✓ nats-server is back  pid ${this.server.pid}`);
  }
}
