// Collections site of a shipping museum (Koa).
import Koa from 'koa';
import Router from '@koa/router';
import { koaBody } from 'koa-body';
import helmet from 'koa-helmet';
import ejs from 'ejs';
import pug from 'pug';
import nunjucks from 'nunjucks';
import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';
import he from 'he';
import vm from 'node:vm';
import { createRequire } from 'node:module';
import { execSync, execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import got from 'got';
import pgPromise from 'pg-promise';
import sqlite from 'better-sqlite3';

const require = createRequire(import.meta.url);
const pgp = pgPromise();
const db = pgp(process.env.MUSEUM_DB);
const local = sqlite('/srv/museum/cache.db', { readonly: true });
const purify = createDOMPurify(new JSDOM('').window);
const views = new nunjucks.Environment(new nunjucks.FileSystemLoader('views'), { autoescape: true });
const emails = new nunjucks.Environment(new nunjucks.FileSystemLoader('emails'), { autoescape: false });

const MODELS = '/srv/museum/models';
const PLUGINS = { timeline: './plugins/timeline.cjs', map: './plugins/map.cjs' };
const PARTNERS = new Set(['lending.dock.example', 'images.dock.example']);
const router = new Router();

class Search {
  constructor(query) {
    this.term = query.q ?? '';
    this.era = Number(query.era) || 1900;
    this.conditions = [];
  }

  where() {
    if (this.term) this.conditions.push("title ILIKE '%" + this.term + "%'");
    this.conditions.push(`year >= ${this.era}`);
    return this.conditions.join(' AND ');
  }
}

const render = (template, data) => ejs.renderFile(`views/${template}.ejs`, data);

router.get('/search', async (ctx) => {
  const search = new Search(ctx.query);
  ctx.body = await db.any(`SELECT id, title FROM object WHERE ${search.where()}`);
});

router.get('/search2', async (ctx) => {
  ctx.body = await db.any('SELECT id, title FROM object WHERE title ILIKE $1', [`%${ctx.query.q}%`]);
});

router.get('/search3', async (ctx) => {
  const column = { title: 'title', year: 'year' }[ctx.query.by] ?? 'title';
  ctx.body = await db.any('SELECT id FROM object ORDER BY $1:name', [column]);
});

router.get('/keeper/:name', (ctx) => {
  const stmt = local.prepare(`SELECT id FROM keeper WHERE name = '${ctx.params.name}'`);
  ctx.body = stmt.all();
});

router.get('/keeper2/:name', (ctx) => {
  ctx.body = local.prepare('SELECT id FROM keeper WHERE name = ?').all(ctx.params.name);
});

router.get('/welcome', async (ctx) => {
  ctx.type = 'html';
  const name = ctx.query.name || 'visitor';
  ctx.body = `<h1>Welcome aboard, ${name}</h1>`;
});

router.get('/welcome2', async (ctx) => {
  ctx.type = 'html';
  ctx.body = `<h1>Welcome aboard, ${he.encode(String(ctx.query.name ?? 'visitor'))}</h1>`;
});

router.get('/welcome3', async (ctx) => {
  ctx.type = 'html';
  ctx.body = views.render('welcome.html', { name: ctx.query.name });
});

router.post('/comment', koaBody(), async (ctx) => {
  ctx.type = 'html';
  ctx.body = '<article>' + purify.sanitize(ctx.request.body.comment) + '</article>';
});

router.post('/caption', koaBody(), async (ctx) => {
  const caption = pug.compile(ctx.request.body.caption);
  ctx.body = { length: caption({ year: 1887 }).length };
});

router.post('/caption2', koaBody(), async (ctx) => {
  const caption = pug.compile('p= text');
  ctx.body = { length: caption({ text: ctx.request.body.caption }).length };
});

router.post('/caption3', koaBody(), async (ctx) => {
  const { caption, year } = ctx.request.body;
  ctx.body = { text: ejs.render('<i>' + caption + '</i>', { year }) };
});

router.post('/tonnage', koaBody(), async (ctx) => {
  const formula = ctx.request.body.formula;
  const result = vm.runInNewContext(formula, { length: 80, beam: 12 }, { timeout: 100 });
  ctx.body = { result };
});

router.post('/tonnage2', koaBody(), async (ctx) => {
  const f = new Function('length', 'beam', 'return ' + ctx.request.body.formula);
  ctx.body = { result: f(80, 12) };
});

router.post('/tonnage3', koaBody(), async (ctx) => {
  const kinds = { gross: (l, b) => l * b, net: (l, b) => l * b * 0.7 };
  const kind = ctx.request.body.kind === 'net' ? 'net' : 'gross';
  ctx.body = { result: kinds[kind](80, 12) };
});

router.get('/plugin/:name', async (ctx) => {
  const plugin = require(`./plugins/${ctx.params.name}`);
  ctx.body = plugin.describe();
});

router.get('/plugin2/:name', async (ctx) => {
  if (!Object.hasOwn(PLUGINS, ctx.params.name)) ctx.throw(404);
  const plugin = require(PLUGINS[ctx.params.name]);
  ctx.body = plugin.describe();
});

router.get('/model', async (ctx) => {
  const wanted = [].concat(ctx.query.part ?? []).map((p) => p.toLowerCase());
  for (const part of wanted) {
    ctx.body = createReadStream(path.join(MODELS, part));
    break;
  }
});

router.get('/model2', async (ctx) => {
  const file = await realpath(path.join(MODELS, path.basename(String(ctx.query.part))));
  if (!file.startsWith(`${MODELS}/`)) ctx.throw(404);
  ctx.body = await readFile(file);
});

router.get('/thumb/:id', async (ctx) => {
  const size = ctx.query.size ?? '200x200';
  const out = execSync('convert /srv/museum/img.png -resize ' + size + ' png:-', { timeout: 9000 });
  ctx.type = 'image/png';
  ctx.body = out;
});

router.get('/thumb2/:id', async (ctx) => {
  const size = /^\d{1,4}x\d{1,4}$/.test(ctx.query.size) ? ctx.query.size : '200x200';
  ctx.body = execFileSync('convert', ['/srv/museum/img.png', '-resize', size, 'png:-'], { timeout: 9000 });
  ctx.type = 'image/png';
});

router.get('/partner', async (ctx) => {
  const url = new URL(ctx.query.url);
  ctx.body = await got(url.href, { timeout: { request: 5000 } }).json();
});

router.get('/partner2', async (ctx) => {
  const url = new URL(ctx.query.url);
  if (url.protocol !== 'https:' || !PARTNERS.has(url.hostname)) ctx.throw(400);
  ctx.body = await got(`https://${url.hostname}/feed.json`, { timeout: { request: 5000 } }).json();
});

router.get('/gangway', async (ctx) => {
  ctx.redirect(ctx.query.to ?? '/');
});

router.get('/gangway2', async (ctx) => {
  ctx.redirect(`/objects/${encodeURIComponent(ctx.query.id)}`);
});

const app = new Koa();
app.use(helmet());
app.use(router.routes());
app.listen(3300, '127.0.0.1');
export { app, render, emails };
