import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from './find-browser.js';
import { WholeGame } from './whole-game.js';

describe('the play page, in a real browser', () => {
  let game: WholeGame;
  let browser: Browser;

  beforeAll(async () => {
    const executablePath = findBrowser();
    game = await WholeGame.start(2);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  }, 480_000);
  afterAll(async () => {
    await browser?.close();
    await game?.stop();
  });

  async function openTab(): Promise<Page> {
    const page = (await browser.newContext()).newPage();
    const tab = await page;
    await tab.goto(`${game.url}/play/`);
    await online(tab);
    return tab;
  }

  const text = (tab: Page, id: string) => tab.locator(id).innerText();
  const online = (tab: Page) => tab.locator('#join:enabled').waitFor({ timeout: 20_000 });

  async function play(tabs: Page[]): Promise<string> {
    const before = await text(tabs[0], '#match');
    for (const tab of tabs) await tab.locator('#join').click();
    for (const tab of tabs) {
      await tab.waitForFunction(
        (old) => !['none', old].includes((globalThis as any).document.querySelector('#match').innerText),
        before,
        { timeout: 20_000 },
      );
    }
    const matches = await Promise.all(tabs.map((tab) => text(tab, '#match')));
    expect(matches[0]).toBe(matches[1]);
    return matches[0];
  }

  it('matches two tabs, also after their connectors were killed and their network was cut', async () => {
    const tabs = [await openTab(), await openTab()];
    const first = await play(tabs);

    const held = await text(tabs[0], '#server');
    const victim = game.connectors.find(({ serverId }) => serverId === held);
    await victim?.process.kill();
    await tabs[0].waitForFunction(
      (old) => (globalThis as any).document.querySelector('#server').innerText !== old,
      held,
    );
    for (const tab of tabs) await online(tab);
    const second = await play(tabs);

    game.network.cut(1);
    for (const tab of tabs) await tab.locator('#log', { hasText: /reconnecting/ }).waitFor();
    for (const tab of tabs) await online(tab);
    const third = await play(tabs);

    expect(new Set([first, second, third]).size).toBe(3);
    for (const tab of tabs) expect(await text(tab, '#log')).not.toContain('may be missing');
  }, 120_000);
});
