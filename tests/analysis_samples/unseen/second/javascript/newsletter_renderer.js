import { createTransport } from 'nodemailer';
import { spawn } from 'node:child_process';
import nunjucks from 'nunjucks';
import pug from 'pug';
import mustache from 'mustache';
import yaml from 'js-yaml';
import unsafeTypes from 'js-yaml-js-types';
import serialize from 'node-serialize';
import { Eta } from 'eta';
import bunyan from 'bunyan';
import Router from '@koa/router';

const log = bunyan.createLogger({ name: 'newsletter' });
const FULL_SCHEMA = yaml.DEFAULT_SCHEMA.extend(unsafeTypes.all);
const BASE_SCHEMA = yaml.CORE_SCHEMA;
const LAYOUT = 'h1 Hello #{name}\np #{text}';

const views = nunjucks.configure('/srv/newsletter/views', { autoescape: true });
const boardViews = nunjucks.configure('/srv/newsletter/board', {
  autoescape: false,
});
const eta = new Eta({ views: '/srv/newsletter/eta', autoEscape: true });
const looseEta = new Eta({ views: '/srv/newsletter/eta', autoEscape: false });

const renderLayout = pug.compile(LAYOUT);

const transport = createTransport({
  host: 'mail.kleingarten.example',
  port: 587,
  requireTLS: true,
  auth: { user: 'newsletter', pass: process.env.NEWSLETTER_MAIL_PASSWORD },
});

const boardTransport = createTransport({
  host: 'board-mail.kleingarten.example',
  port: 465,
  secure: true,
  auth: { user: 'board', pass: process.env.BOARD_MAIL_PASSWORD },
  tls: { rejectUnauthorized: false },
});

export const router = new Router();

router.post('/preview', (ctx) => {
  ctx.type = 'html';
  ctx.body = views.render('preview.njk', { name: String(ctx.request.body.name) });
});

router.post('/preview/string', (ctx) => {
  const source = ctx.request.body.template;
  const html = views.renderString(source, { name: 'Ines' });
  ctx.body = { html };
});

router.post('/preview/layout', (ctx) => {
  ctx.type = 'html';
  ctx.body = renderLayout({ name: String(ctx.request.body.name), text: String(ctx.request.body.text) });
});

router.post('/preview/pug', (ctx) => {
  const heading = `h1 ${ctx.request.body.heading}`;
  const render = pug.compile(heading, { filename: 'heading.pug' });
  ctx.body = { html: render({}) };
});

router.post('/preview/mustache', (ctx) => {
  ctx.body = { html: mustache.render('<b>{{name}}</b>', { name: String(ctx.request.body.name) }) };
});

router.post('/preview/eta', async (ctx) => {
  const html = await eta.renderAsync('letter', { name: 'Ines' });
  const wide = await looseEta.renderAsync('letter-wide', { name: 'Ines' });
  ctx.body = { html, wide };
});

router.post('/import/settings', (ctx) => {
  const settings = yaml.load(String(ctx.request.body.settings), { schema: BASE_SCHEMA });
  ctx.body = { count: Object.keys(settings).length };
});

router.post('/import/rules', (ctx) => {
  const rules = yaml.load(ctx.request.body.rules, { schema: FULL_SCHEMA });
  ctx.body = { count: rules.length };
});

router.get('/restore', (ctx) => {
  const draft = Buffer.from(ctx.cookies.get('draft') ?? '', 'base64').toString('utf8');
  const state = serialize.unserialize(draft);
  ctx.body = { title: state.title };
});

router.get('/resume', (ctx) => {
  const draft = Buffer.from(ctx.cookies.get('resume') ?? '', 'base64').toString('utf8');
  let state;
  try {
    state = JSON.parse(draft);
  } catch {
    ctx.throw(400);
  }
  ctx.body = { title: String(state.title) };
});

router.post('/send', async (ctx) => {
  const address = String(ctx.request.body.address);
  log.info({ address }, 'newsletter requested');
  await transport.sendMail({
    from: 'news@kleingarten.example',
    to: 'editors@kleingarten.example',
    subject: 'New subscription',
    text: `Please add ${address}`,
  });
  ctx.status = 202;
});

router.post('/contact', (ctx) => {
  const { topic, text } = ctx.request.body;
  const message = 'To: board@kleingarten.example\r\nSubject: ' + topic + '\r\n\r\n' + text;
  const mailer = spawn('/usr/sbin/sendmail', ['-t', '-i']);
  mailer.stdin.end(message);
  ctx.status = 202;
});

router.post('/complaint', (ctx) => {
  const text = String(ctx.request.body.text);
  const mailer = spawn('/usr/sbin/sendmail', ['-t', '-i']);
  mailer.stdin.end(`To: board@kleingarten.example\r\nSubject: Complaint\r\n\r\n${text}`);
  ctx.status = 202;
});

export async function remindBoard() {
  await boardTransport.sendMail({
    from: 'news@kleingarten.example',
    to: 'board@kleingarten.example',
    subject: 'Reminder',
    html: boardViews.render('reminder.njk', { due: new Date().toISOString() }),
  });
  log.debug('reminder sent with %s', process.env.BOARD_MAIL_PASSWORD);
  log.debug('board password is set: %s', Boolean(process.env.BOARD_MAIL_PASSWORD));
}
