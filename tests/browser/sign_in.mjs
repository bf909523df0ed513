// People enrol, approve and sign in with a real browser and its virtual authenticator; axe looks at each
// page. Needs: PORTCULLIS (the program), CHROMIUM (the browser). Run by ./test.

import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const program = process.env.PORTCULLIS;
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const planted = ['Testwick', 'Examplesson', 'Newcomerson', 'Donorsson', 'Planted'];

const folder = mkdtempSync(join(tmpdir(), 'portcullis-browser-'));
const own = ['--data', folder, '--key-file', join(folder, 'key')];
let browser, server, site, invitations;
let logged = '';

/** The invitations that the command line shows, in groups of four. */
const codesIn = said => said.match(/(?:[a-z0-9]{4} ){7}[a-z0-9]{4}/g);

const freePort = () => new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

before(async () => {
  const said = execFileSync(program, [...own, 'people', 'first',
    '--administrator', 'o.testwick', 'Orsolya Testwick',
    '--administrator', 'q.examplesson', 'Quillon Examplesson',
    '--role', 'officer'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  invitations = codesIn(said);
  assert.equal(invitations.length, 2, 'two invitations are shown');
  const port = await freePort();
  site = `http://localhost:${port}`;
  server = spawn(program, [...own, 'serve', '--listen', `127.0.0.1:${port}`, '--log-format', 'json']);
  for (const stream of [server.stdout, server.stderr]) stream.on('data', part => { logged += part; });
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(`${site}/sign-in`);
      break;
    } catch (error) {
      if (tries > 100) throw new Error(`the node does not answer: ${logged}`, { cause: error });
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
  browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu',
    '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync'] });
});

after(async () => {
  await browser?.close();
  if (server) {
    const ended = new Promise(resolve => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A person with a browser and an authenticator of his own. */
async function person({ prf = true } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', error => wrong.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') wrong.push(message.text()); });
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true,
    hasUserVerification: true, isUserVerified: true, hasPrf: prf, automaticPresenceSimulation: true,
  } });
  return { context, page, wrong };
}

/** What axe finds on a page, and whether its address or title tells a name. */
async function looksRight(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async tags => {
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target).join(' ')}`);
  }, rules);
  assert.deepEqual(found, [], page.url());
  for (const name of planted) {
    assert.ok(!page.url().includes(name), `${page.url()} tells a name`);
    assert.ok(!(await page.title()).includes(name), `the title of ${page.url()} tells a name`);
  }
}

async function enrol({ page }, account, one, other) {
  await page.goto(`${site}/enrol`);
  await looksRight(page);
  await page.getByLabel('Your account').fill(account);
  await page.getByLabel('One half of the invitation').fill(one);
  await page.getByLabel('The other half').fill(other);
  await page.getByLabel('A name for your passkey').fill('blue key');
  await page.getByRole('button', { name: 'Make my passkey' }).click();
}

async function signOut({ page }) {
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL(`${site}/sign-in`);
}

async function signIn({ page }) {
  await page.goto(`${site}/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
}

const unlocked = page => page.getByText('Your keys are unlocked').waitFor();

test('two administrators make an officer, who signs in with keys that open by the passkey', async () => {
  const [first, second, officer] = [await person(), await person(), await person()];
  await enrol(first, 'o.testwick', invitations[0], invitations[0]);
  await first.page.waitForURL(`${site}/account`);
  await unlocked(first.page);
  await looksRight(first.page);
  await enrol(second, 'q.examplesson', invitations[1], invitations[1]);
  await second.page.waitForURL(`${site}/account`);

  await first.page.getByRole('link', { name: 'Approvals' }).click();
  await looksRight(first.page);
  await first.page.getByLabel('Account', { exact: true }).first().fill('a.newcomer');
  await first.page.getByLabel('Name', { exact: true }).fill('Anneliese Newcomerson');
  await first.page.getByLabel('Officer', { exact: true }).check();
  await first.page.getByLabel('Reason', { exact: true }).first().fill('Planted: one more is needed');
  await first.page.getByRole('button', { name: 'Propose', exact: true }).first().click();
  const one = await first.page.locator('#half').textContent();
  await looksRight(first.page);

  await second.page.getByRole('link', { name: 'Approvals' }).click();
  await second.page.getByText('Anneliese Newcomerson').waitFor();
  await looksRight(second.page);
  await second.page.getByRole('button', { name: /^Approve/ }).click();
  const other = await second.page.locator('#half').textContent();

  await enrol(officer, 'a.newcomer', one, other);
  await officer.page.waitForURL(`${site}/account`);
  await unlocked(officer.page);
  await signOut(officer);
  await signIn(officer);
  await officer.page.waitForURL(`${site}/account`);
  await unlocked(officer.page);

  await officer.page.goto(`${site}/confirm?next=/tokens`);
  await looksRight(officer.page);
  await officer.page.getByRole('button', { name: 'Confirm with my passkey' }).click();
  await officer.page.waitForURL(`${site}/tokens`);
  await looksRight(officer.page);
  await officer.page.getByLabel('What it is for').fill('Planted: nightly run');
  await officer.page.getByLabel('match people against lists').check();
  await officer.page.getByLabel('For how many days').fill('30');
  await officer.page.getByRole('button', { name: 'Make a token' }).click();
  await officer.page.locator('#token').waitFor();
  await looksRight(officer.page);

  await officer.page.getByRole('link', { name: 'Links' }).click();
  await looksRight(officer.page);
  await officer.page.getByLabel('What it is for').fill('Planted: street stall');
  await officer.page.getByLabel('For how many days').fill('7');
  await officer.page.getByLabel('How often it may be used').fill('3');
  await officer.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await officer.page.locator('#link').textContent();
  await looksRight(officer.page);

  // A volunteer has no account and no JavaScript.
  const volunteer = await browser.newContext({ javaScriptEnabled: false });
  const page = await volunteer.newPage();
  await page.goto(link);
  assert.equal(page.url(), `${site}/hand-in`, 'the secret is out of the address');
  await page.getByLabel('Name of the person').fill('Danuta Donorsson');
  await page.getByRole('button', { name: 'Send' }).click();
  assert.equal(page.url(), `${site}/hand-in/received`);
  assert.ok(!(await page.content()).includes('Donorsson'));
  await volunteer.close();
  const seeing = await person();
  await seeing.page.goto(link);
  await looksRight(seeing.page);

  for (const { wrong } of [first, second, officer]) assert.deepEqual(wrong, []);
});

test('without the secret of a passkey a passphrase opens the keys', async () => {
  const other = await person({ prf: false });
  const data = mkdtempSync(join(tmpdir(), 'portcullis-browser-'));
  try {
    const more = ['--data', data, '--key-file', join(data, 'key')];
    const said = execFileSync(program, [...more, 'people', 'first',
      '--administrator', 'p.phrasely', 'Planted Phrasely',
      '--administrator', 'q.examplesson', 'Quillon Examplesson'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const codes = codesIn(said);
    const port = await freePort();
    const address = `http://localhost:${port}`;
    const node = spawn(program, [...more, 'serve', '--listen', `127.0.0.1:${port}`]);
    const ended = new Promise(resolve => node.once('exit', resolve));
    try {
      for (let tries = 0; tries < 100; tries += 1) {
        if (await fetch(`${address}/sign-in`).catch(() => null)) break;
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      const { page } = other;
      await page.goto(`${address}/enrol`);
      await page.getByLabel('Your account').fill('p.phrasely');
      await page.getByLabel('One half of the invitation').fill(codes[0]);
      await page.getByLabel('The other half').fill(codes[0]);
      await page.getByLabel('A name for your passkey').fill('old key');
      await page.getByRole('button', { name: 'Make my passkey' }).click();
      await page.getByLabel('Passphrase').fill('seven planted words of a phrase');
      await looksRight(page);
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.waitForURL(`${address}/account`);
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.waitForURL(`${address}/sign-in`);
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.waitForURL(`${address}/unlock`);
      await looksRight(page);
      await page.getByLabel('Passphrase').fill('seven planted words of a phrase');
      await page.getByRole('button', { name: 'Unlock' }).click();
      await page.waitForURL(`${address}/account`);
      await unlocked(page);
    } finally {
      node.kill('SIGTERM');
      await ended;
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('without JavaScript the page to sign in says what is missing', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site}/sign-in`);
  await page.getByText('A passkey needs JavaScript').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Sign in with a passkey' }).isDisabled());
  await page.getByRole('link', { name: 'Enrol with your invitation' }).click();
  await page.getByText('needs JavaScript').waitFor();
  await context.close();
});

test('a passkey of another site, or of nobody here, is told the same', async () => {
  const stranger = await person();
  await signIn(stranger);
  await stranger.page.getByRole('alert').filter({ hasText: 'passkey' }).waitFor();
  await looksRight(stranger.page);
  await stranger.context.close();
});

test('no log tells a name, a token or an address with a secret', () => {
  for (const secret of [...planted, 'portcullis-link', 'portcullis-token', 'a.newcomer', ...invitations]) {
    assert.ok(!logged.includes(secret), `the log tells ${secret}`);
  }
  assert.ok(logged.includes('/hand-in/{link}'), 'requests are logged by their routes');
});
