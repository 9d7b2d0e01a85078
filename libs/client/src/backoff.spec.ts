import { answerMs, backoffMs, hurriedAnswerMs, hurryMs } from './backoff.js';

describe('the wait before a try', () => {
  it('is anywhere between nothing and a limit that doubles', () => {
    expect(backoffMs(0, () => 0)).toBe(0);
    expect([0, 1, 2].map((failures) => backoffMs(failures, () => 1))).toEqual([200, 400, 800]);
  });

  it('never grows beyond ten seconds', () => {
    expect(backoffMs(1_000, () => 1)).toBe(10_000);
  });
});

describe('how long a connector may take to answer', () => {
  it('is eight times what the last one took for four tries, twelve of a move, and all that a handshake may take otherwise', () => {
    expect([0, 1, 2, 3].map((failures) => answerMs(failures, 5))).toEqual([800, 800, 800, 800]);
    expect([0, 1].map((failures) => answerMs(failures, 150))).toEqual([1_200, 1_200]);
    expect([0, 1].map((failures) => answerMs(failures, 2_000))).toEqual([2_500, 2_500]);
    expect([4, 5].map((failures) => answerMs(failures, 5))).toEqual([10_000, 10_000]);
    expect([4, 11, 12].map((failures) => answerMs(failures, 5, true))).toEqual([800, 800, 10_000]);
    expect([0, 1].map((failures) => answerMs(failures))).toEqual([2_500, 5_000]);
  });
});

describe('the hurry of a client whose session fell silent', () => {
  /** The share of players who are back within ten seconds of the loss of a node, of all moments between two pings. */
  function backInTen(usualMs: number, shareDead: number): number {
    let [late, moments] = [0, 0];
    for (let noticedMs = 3_005; noticedMs < 7_000; noticedMs += 10) {
      for (let waitMs = 5; waitMs < 200; waitMs += 10) {
        const since = noticedMs + waitMs;
        let tries = 0;
        for (let at = since; at + usualMs <= 10_000 && at < since + hurryMs; tries += 1)
          at += hurriedAnswerMs(tries, usualMs);
        late += shareDead ** tries;
        moments += 1;
      }
    }
    return 1 - late / moments;
  }

  it('brings back 99.9 % of players within ten seconds, of two dead connectors in three', () => {
    expect(backInTen(60, 2 / 3)).toBeGreaterThan(0.999);
    expect(backInTen(60, 1 / 3)).toBeGreaterThan(0.99999);
  });

  it('waits longer where the network of the player is slow', () => {
    expect([0, 1, 9].map((tries) => hurriedAnswerMs(tries, 300))).toEqual([1_200, 750, 750]);
    expect([0, 1].map((tries) => hurriedAnswerMs(tries, 5_000))).toEqual([2_500, 2_500]);
    expect(backInTen(300, 1 / 3)).toBeGreaterThan(0.97);
  });

  it('is not more than 21 tries, also where nobody answers', () => {
    let tries = 0;
    for (let at = 0; at < hurryMs; tries += 1) at += hurriedAnswerMs(tries, 5);
    expect(tries).toBe(21);
  });
});
