import { readFileSync } from 'node:fs';
import { exec as shell } from 'node:child_process';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { serve } from '@hono/node-server';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { csrf } from 'hono/csrf';
import { deleteCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { html, raw } from 'hono/html';
import { jwt } from 'hono/jwt';
import { secureHeaders } from 'hono/secure-headers';
import { Kysely, sql } from 'kysely';
import mysql, { Connection } from 'mysql';
import Mustache from 'mustache';
import { Eta } from 'eta';
import pino from 'pino';
import type { Database } from './types';
import { kysely } from './store';

const store: Kysely<Database> = kysely;
const log = pino({ redact: ['password', '*.password'] });
const eta = new Eta({ views: '/srv/bakery/views', autoEscape: true });
const bareEta = new Eta({ views: '/srv/bakery/views', autoEscape: false });

const app = new Hono();
app.use('*', secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"], frameAncestors: ["'none'"] }, strictTransportSecurity: 'max-age=31536000; includeSubDomains' }));
app.use('*', bodyLimit({ maxSize: 256 * 1024 }));
app.use('*', csrf({ origin: 'https://bakery.example' }));
app.use('/api/*', cors({ origin: ['https://bakery.example'], credentials: true }));
app.use('/public/*', cors());
app.use('/staff/*', jwt({ secret: process.env.STAFF_JWT_SECRET as string, alg: 'HS256', verification: { iss: 'https://id.bakery.example', aud: 'bakery' } }));

function legacy(): Connection {
  return mysql.createConnection({
    host: 'legacy.bakery.example',
    user: 'bakery',
    password: process.env.LEGACY_PASSWORD,
    ssl: { ca: readFileSync('/etc/bakery/ca.pem') },
    connectTimeout: 5000,
  });
}

function ask<T>(query: string, values: unknown[] = []): Promise<T[]> {
  const connection = legacy();
  return new Promise((resolve, reject) => {
    connection.query(query, values, (err, rows) => (err ? reject(err) : resolve(rows)));
  });
}

function limitOf(c: Context): number {
  return Math.min(50, parseInt(c.req.query('limit') ?? '10', 10) || 10);
}

app.get('/bread', async (c) => {
  const grain = c.req.query('grain') ?? 'rye';
  return c.json(await store.selectFrom('bread').select('id').where('grain', '=', grain).execute());
});

app.get('/bread/raw', async (c) => {
  const grain = c.req.query('grain') ?? 'rye';
  const { rows } = await sql`SELECT id FROM bread WHERE grain = ${grain}`.execute(store);
  return c.json(rows);
});

app.get('/bread/raw-text', async (c) => {
  const column = c.req.query('column') ?? 'id';
  const { rows } = await sql`SELECT ${sql.raw(column)} FROM bread`.execute(store);
  return c.json(rows);
});

app.get('/bread/legacy', async (c) => {
  return c.json(await ask('SELECT id FROM bread WHERE shop = ? LIMIT ' + limitOf(c), [c.req.query('shop')]));
});

app.get('/bread/legacy-name', (c) => {
  const name = c.req.query('name');
  return new Promise<Response>((resolve) => {
    legacy().query({ sql: `SELECT id FROM bread WHERE name LIKE '${name}%'`, timeout: 4000 }, (_err, rows) => {
      resolve(c.json(rows));
    });
  });
});

app.get('/bread/legacy-escaped', (c) => {
  const connection = legacy();
  const name = connection.escape(c.req.query('name') ?? '');
  return new Promise<Response>((resolve) => {
    connection.query('SELECT id FROM bread WHERE name = ' + name, (_err, rows) => resolve(c.json(rows)));
  });
});

app.get('/chalk', (c) => c.html('<p>' + c.req.query('text') + '</p>'));
app.get('/chalk/tagged', (c) => c.html(html`<p>${c.req.query('text')}</p>`));
app.get('/chalk/raw', (c) => c.html(html`<p>${raw(c.req.query('text') ?? '')}</p>`));
app.get('/chalk/plain', (c) => c.text(c.req.query('text') ?? ''));

app.get('/menu', (c) => c.html(Mustache.render('<li>{{bread}}</li>', { bread: c.req.query('bread') })));
app.post('/menu', async (c) => {
  const { layout } = await c.req.json<{ layout: string }>();
  return c.json({ preview: eta.renderString(layout, { bread: 'rye' }) });
});
app.get('/menu/eta', (c) => c.html(eta.render('./menu', { bread: c.req.query('bread') })));
app.get('/menu/static', (c) => c.html(bareEta.render('./about', {})));

app.get('/goto', (c) => c.redirect(c.req.query('url') ?? '/'));
app.get('/goto/shop', (c) => c.redirect(`/shops/${Number(c.req.query('shop'))}`));

app.post('/oven', async (c) => {
  const { degrees } = await c.req.parseBody();
  shell(`ovenctl heat ${degrees}`);
  return c.json({ ok: true });
});

app.post('/oven/off', async (c) => {
  shell('ovenctl off');
  return c.json({ ok: true });
});

app.post('/till', async (c) => {
  const token = crypto.getRandomValues(new Uint8Array(32));
  const value = Buffer.from(token).toString('base64url');
  setCookie(c, 'till_session', value, { secure: true, httpOnly: true, sameSite: 'Strict', path: '/' });
  setCookie(c, 'drawer_session', value, { secure: true, httpOnly: true, path: '/' });
  await setSignedCookie(c, 'shift_session', value, process.env.SHIFT_SECRET as string, {
    secure: false,
    httpOnly: true,
    sameSite: 'Lax',
  });
  deleteCookie(c, 'old_till');
  return c.json({ ok: true });
});

app.post('/shift', async (c) => {
  const body = await c.req.json<{ name: string; password: string }>();
  log.info({ length: body.name.length }, 'shift started');
  console.log('shift password is ' + body.password);
  console.log('shift started, password was given: %s', Boolean(body.password));
  return c.json({ ok: true });
});

serve({ fetch: app.fetch, port: 8787, hostname: '127.0.0.1' });
