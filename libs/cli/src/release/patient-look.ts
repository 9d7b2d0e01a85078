import { KubectlFailed } from './targets/kubectl.js';

/** As long as an API server that is replaced does not answer, and some more, ms. */
const longestMs = 60_000;

/** For who looks again and again, for hours perhaps: a cluster that does not answer now says nothing of its servers, and is asked again. */
export class PatientLook {
  private failsSince?: number;

  /** Undefined where the cluster did not answer. @throws KubectlFailed where it has not answered for a minute */
  async see<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      const seen = await look();
      this.failsSince = undefined;
      return seen;
    } catch (error) {
      if (!(error instanceof KubectlFailed)) throw error;
      this.failsSince ??= performance.now();
      if (performance.now() - this.failsSince > longestMs) throw error;
      return undefined;
    }
  }
}
