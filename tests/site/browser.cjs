// SPDX-License-Identifier: Apache-2.0
//
// The public site in Chromium: node browser.cjs BROWSER SITE [SHOTS]. A plain web server on the
// loopback serves the folder as any would; no other address is ever asked for.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { chromium } = require('playwright-core');

const [browserPath, root, shots] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.svg': 'image/svg+xml',
  '.csv': 'text/csv', '.xml': 'application/xml',
};

function serve() {
  const server = http.createServer((request, response) => {
    const wanted = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    let file = path.join(root, path.normalize(wanted));
    if (fs.existsSync(file) && fs.statSync(file).isDirectory()) file = path.join(file, 'index.html');
    if (!file.startsWith(root) || !fs.existsSync(file)) {
      response.writeHead(404).end('not here');
      return;
    }
    const type = wanted.includes('/sdmx/') ? 'application/xml' : types[path.extname(file)];
    response.writeHead(200, { 'Content-Type': type || 'application/octet-stream' });
    fs.createReadStream(file).pipe(response);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** Colours as [r, g, b]; contrast as WCAG 2.2 defines it. */
function contrast(a, b) {
  const light = ([r, g, bl]) => {
    const [x, y, z] = [r, g, bl].map((v) => {
      const s = v / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const [p, q] = [light(a), light(b)].sort((m, n) => n - m);
  return (p + 0.05) / (q + 0.05);
}

/** What can be asked of every page, in the page itself. */
function look() {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const want = (fine, what) => { if (!fine) faults.push(what); };
  want(document.documentElement.lang, 'no language');
  want(document.title.length > 3, 'no title');
  for (const one of ['header', 'main', 'footer', 'h1']) want(all(one).length === 1, `not one ${one}`);
  let last = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const level = Number(heading.tagName[1]);
    want(level <= last + 1, `heading "${heading.textContent}" skips a level`);
    want(heading.textContent.trim(), 'an empty heading');
    last = level;
  }
  for (const nav of all('nav')) want(nav.getAttribute('aria-label'), 'a nav without a name');
  for (const table of all('table')) {
    want(table.caption && table.caption.textContent.trim(), 'a table without caption');
    for (const cell of table.querySelectorAll('th')) want(cell.scope, 'a heading cell without scope');
    const width = table.rows[0].cells.length;
    for (const row of table.rows) want(row.cells.length === width, 'a row of another width');
  }
  for (const image of all('img')) {
    want(image.alt, 'a picture without alt');
    want(image.complete && image.naturalWidth > 0, `${image.src} is not shown`);
  }
  for (const svg of all('svg')) {
    want(svg.getAttribute('role') === 'img', 'a chart without role');
    want(svg.querySelector('title'), 'a chart without title');
  }
  for (const link of all('a')) want(link.textContent.trim(), `a link without words: ${link.href}`);
  const ids = all('[id]').map((one) => one.id);
  want(new Set(ids).size === ids.length, 'an id twice');
  // Nothing sticks out of the page, but for what scrolls by itself.
  want(document.documentElement.scrollWidth <= window.innerWidth + 1,
       `the page is ${document.documentElement.scrollWidth} wide on ${window.innerWidth}`);
  for (const one of all('.scroll')) want(one.tabIndex === 0, 'what scrolls cannot be reached by key');
  // WCAG 2.2, 2.5.8: 24 by 24, but for links in a sentence or a table.
  for (const link of all('nav a, .cards a, .columns a')) {
    const box = link.getBoundingClientRect();
    if (box.width > 0) want(box.height >= 23.5, `"${link.textContent}" is ${box.height} high`);
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const colours = new Set();
  for (const one of all('body *:not(svg *):not(script)')) {
    if (![...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    colours.add(`${getComputedStyle(one).color} on ${behind(one)}`);
  }
  return { faults, colours: [...colours] };
}

const numbers = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);

async function main() {
  const server = await serve();
  const base = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: process.getuid && process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    await visit(browser, base);
  } finally {
    await browser.close();
    server.close();
  }
}

async function visit(browser, base) {
  const context = await browser.newContext({ javaScriptEnabled: true, acceptDownloads: true });
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => trouble.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`${page.url()}: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A download ends the navigation that began it.
    if (!/ERR_ABORTED/.test(request.failure().errorText)) trouble.push(`failed: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base)) trouble.push(`asks elsewhere: ${request.url()}`);
  });

  const pages = [];
  (function walk(folder) {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.')) walk(name);
      else if (name.endsWith('.html')) pages.push(name);
    }
  })('');
  assert(pages.length > 50, `only ${pages.length} pages`);

  // Every page, on a desk and on a telephone.
  const colours = new Set();
  for (const [width, height] of [[1280, 900], [360, 740]]) {
    await page.setViewportSize({ width, height });
    for (const name of pages.sort()) {
      await page.goto(`${base}/${name}`);
      const seen = await page.evaluate(look);
      assert.deepStrictEqual(seen.faults, [], `${name} at ${width}`);
      for (const pair of seen.colours) colours.add(pair);
    }
  }
  for (const pair of colours) {
    const [front, back] = pair.split(' on ').map(numbers);
    assert(contrast(front, back) >= 4.5, `${pair}: ${contrast(front, back).toFixed(2)}`);
  }
  console.log(`${pages.length} pages, ${colours.size} pairs of colours`);

  // By keyboard alone: the first stop leads past the navigation, and what has the focus shows it.
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${base}/en/index.html`);
  await page.keyboard.press('Tab');
  assert.strictEqual(await page.evaluate(() => document.activeElement.className), 'skip');
  assert((await page.evaluate(() => document.activeElement.getBoundingClientRect().left)) >= 0);
  await page.keyboard.press('Enter');
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'content');
  await page.keyboard.press('Tab');
  assert.notStrictEqual(
      await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');

  // From the start page to an indicator and a country, and to the same page in another language.
  await page.goto(`${base}/index.html`);
  await page.getByRole('navigation', { name: 'Languages' }).getByRole('link', { name: 'English' }).click();
  await page.locator('.cards a').first().click();
  assert(page.url().includes('/en/indicator/'), page.url());
  assert.strictEqual(await page.locator('.sections a[aria-current]').count(), 1);
  const english = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Русский' }).click();
  assert.strictEqual(new URL(page.url()).pathname, english.replace('/en/', '/ru/'));
  assert.strictEqual(await page.evaluate(() => document.documentElement.lang), 'ru');
  assert.strictEqual(await page.locator('.languages a[aria-current]').innerText(), 'Русский');
  await page.getByRole('link', { name: 'Українська' }).click();
  assert.strictEqual(await page.evaluate(() => document.documentElement.lang), 'uk');
  await page.goto(`${base}/en/methodology.html`);
  const cells = page.locator('.matrix td a');
  if ((await cells.count()) > 0) {
    await cells.first().click();
    assert(/methodology\/.*#/.test(page.url()), page.url());
  }

  // What assistive software is told.
  await page.goto(`${base}${english}`);
  const tree = await page.locator('body').ariaSnapshot();
  for (const landmark of ['banner', 'navigation "Languages"', 'navigation "Sections of the site"',
                          'main', 'contentinfo', 'heading', 'table', 'columnheader', 'rowheader', 'img'])
    assert(tree.includes(landmark), `no ${landmark} in the accessibility tree of ${english}`);

  // The files.
  const csv = await page.locator('#downloads ~ ul a').first().getAttribute('href');
  const response = await page.request.get(new URL(csv, page.url()).href);
  assert((await response.text()).startsWith('DATAFLOW,'), 'the CSV does not begin as one');
  await page.goto(`${base}/en/data.html`);
  for (const link of await page.locator('main a').all()) {
    const href = new URL(await link.getAttribute('href'), page.url()).href;
    assert((await page.request.get(href)).ok(), href);
  }

  // On paper: no navigation, the wide chart, the words black on white.
  await page.goto(`${base}${english}`);
  await page.emulateMedia({ media: 'print' });
  assert.strictEqual(await page.locator('nav:visible').count(), 0);
  assert((await page.locator('.wide:visible').count()) > 0);
  assert.strictEqual(await page.locator('.narrow:visible').count(), 0);
  const pdf = await page.pdf({ format: 'A4', path: shots ? path.join(shots, 'print.pdf') : undefined });
  assert(pdf.length > 10_000);
  await page.emulateMedia({ media: 'screen' });

  // Without JavaScript, and from the disk without any server.
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const quiet = await plain.newPage();
  quiet.on('console', (message) => trouble.push(`plain: ${message.text()}`));
  await quiet.goto(`${base}/en/index.html`);
  assert((await quiet.locator('.cards li').count()) > 0);
  await quiet.goto(`file://${root}/en/index.html`);
  assert((await quiet.locator('.cards li').count()) > 0);
  await plain.close();

  // The policy holds: what is put into a page does not run and is not fetched.
  trouble.splice(0).forEach((one) => assert.fail(one));
  await page.goto(`${base}/en/index.html`);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return window.ran === true;
  });
  assert.strictEqual(ran, false);
  trouble.length = 0;

  if (!shots) return;
  fs.mkdirSync(shots, { recursive: true });
  const kinds = ['index.html', english.slice('/en/'.length), 'country/KG.html', 'methodology.html',
                 'methodology/ASYLUM.html', 'calendar.html', 'log.html', 'data.html', 'library.html', 'module/8.html'];
  for (const [lang, width] of [['en', 1280], ['ru', 1280], ['en', 360]]) {
    await page.setViewportSize({ width, height: 900 });
    for (const kind of kinds) {
      await page.goto(`${base}/${lang}/${kind}`);
      await page.screenshot({
        path: path.join(shots, `${lang}-${width}-${kind.replaceAll('/', '-')}.png`), fullPage: true,
      });
    }
  }
  await page.goto(`${base}/index.html`);
  await page.screenshot({ path: path.join(shots, 'choice.png'), fullPage: true });
  await page.setViewportSize({ width: 700, height: 900 });
  await page.emulateMedia({ media: 'print' });
  for (const kind of kinds.slice(0, 4)) {
    await page.goto(`${base}/en/${kind}`);
    await page.screenshot({ path: path.join(shots, `print-${kind.replaceAll('/', '-')}.png`), fullPage: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
