import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Router, Request, Response } from 'express';
import AdmZip from 'adm-zip';
import ldap from 'ldapjs';
import multer from 'multer';
import nodemailer from 'nodemailer';
import nunjucks from 'nunjucks';
import pug from 'pug';
import sanitizeFilename from 'sanitize-filename';
import serialize from 'node-serialize';
import tmp from 'tmp';
import unzipper from 'unzipper';
import xpath from 'xpath';
import yaml from 'js-yaml';
import { DOMParser } from '@xmldom/xmldom';
import { parseXml } from 'libxmljs2';

const INBOX = '/srv/grapes/inbox';
export const router = Router();

const upload = multer({
  dest: INBOX,
  limits: { fileSize: 5 * 1024 * 1024 },
  fileFilter: (_req, file, done) => done(null, ['text/xml', 'text/csv'].includes(file.mimetype)),
});
const photos = multer({ dest: INBOX, fileFilter: (_req, file, done) => done(null, file.mimetype === 'image/png') });
const scans = multer({ dest: INBOX, limits: { fileSize: 1_000_000 } });

const pages = nunjucks.configure('/srv/grapes/pages', { autoescape: true });
const mails = nunjucks.configure('/srv/grapes/mails', { autoescape: false });

router.post('/deliveries', upload.single('sheet'), (req: Request, res: Response) => {
  const text = fs.readFileSync(req.file!.path, 'utf8');
  const doc = parseXml(text, { noent: true });
  res.json({ root: doc.root()?.name() });
});

router.post('/deliveries/plain', upload.single('sheet'), (req: Request, res: Response) => {
  const text = fs.readFileSync(req.file!.path, 'utf8');
  const doc = parseXml(text, { noent: false, nonet: true });
  res.json({ root: doc.root()?.name() });
});

router.post('/photos', photos.single('photo'), (req, res) => res.json({ size: req.file?.size }));
router.post('/scans', scans.single('scan'), (req, res) => res.json({ size: req.file?.size }));

router.post('/rules', (req, res) => {
  const rules = yaml.load(String(req.body.rules), { schema: yaml.JSON_SCHEMA });
  res.json({ ok: typeof rules === 'object' });
});

router.post('/state', (req, res) => {
  const state = serialize.unserialize(req.body.state);
  res.json({ step: state.step });
});

router.post('/state/json', (req, res) => {
  const state = JSON.parse(String(req.body.state));
  res.json({ step: Number(state.step) });
});

router.get('/vineyard', (req, res) => {
  const doc = new DOMParser().parseFromString(fs.readFileSync('/srv/grapes/vineyards.xml', 'utf8'), 'text/xml');
  const hits = xpath.select(`//vineyard[@name='${req.query.name}']`, doc as unknown as Node);
  res.json({ hits: Array.isArray(hits) ? hits.length : 0 });
});

router.get('/vineyard/bound', (req, res) => {
  const doc = new DOMParser().parseFromString(fs.readFileSync('/srv/grapes/vineyards.xml', 'utf8'), 'text/xml');
  const expression = xpath.parse('//vineyard[@name=$name]');
  const hits = expression.select({ node: doc as unknown as Node, variables: { name: String(req.query.name) } });
  res.json({ hits: hits.length });
});

router.get('/growers', (req, res) => {
  const client = ldap.createClient({ url: 'ldaps://dir.grapes.example', timeout: 5000, connectTimeout: 5000 });
  const options = { filter: `(cn=${req.query.cn})`, scope: 'sub' as const };
  client.search('ou=growers,dc=grapes', options, (err) => res.json({ ok: !err }));
});

router.get('/growers/exact', (req, res) => {
  const client = ldap.createClient({ url: 'ldaps://dir.grapes.example', timeout: 5000, connectTimeout: 5000 });
  const filter = new ldap.EqualityFilter({ attribute: 'cn', value: String(req.query.cn) });
  client.search('ou=growers,dc=grapes', { filter, scope: 'sub' }, (err) => res.json({ ok: !err }));
});

export const oldDirectory = () => ldap.createClient({ url: 'ldap://old.grapes.example', timeout: 5000, connectTimeout: 5000 });

router.post('/archive', (req, res) => {
  const zip = new AdmZip(req.body as Buffer);
  for (const entry of zip.getEntries()) {
    const target = path.join(INBOX, entry.entryName);
    fs.writeFileSync(target, entry.getData());
  }
  res.json({ ok: true });
});

router.post('/archive/checked', (req, res) => {
  const zip = new AdmZip(req.body as Buffer);
  for (const entry of zip.getEntries()) {
    const target = path.resolve(INBOX, entry.entryName);
    if (!target.startsWith(INBOX + path.sep)) continue;
    fs.writeFileSync(target, entry.getData());
  }
  res.json({ ok: true });
});

router.post('/archive/stream', (req, res) => {
  req.pipe(unzipper.Parse()).on('entry', (entry: unzipper.Entry) => {
    entry.pipe(fs.createWriteStream(INBOX + '/' + entry.path));
  });
  res.json({ ok: true });
});

router.get('/sheet', (req, res) => {
  const name = sanitizeFilename(String(req.query.name));
  res.type('text/csv').send(fs.readFileSync(path.join(INBOX, name)));
});

router.get('/sheet/any', (req, res) => {
  const name = [INBOX, req.query.name].join('/');
  fs.readFile(name, (err, data) => (err ? res.sendStatus(404) : res.type('text/csv').send(data)));
});

router.post('/letter', (req, res) => {
  const render = pug.compile(req.body.layout);
  res.json({ preview: render({ year: 2024 }) });
});

router.post('/letter/known', (req, res) => {
  const render = pug.compileFile('/srv/grapes/letter.pug');
  res.json({ preview: render({ name: req.body.name }) });
});

router.post('/letter/send', async (req, res) => {
  const transport = nodemailer.createTransport({ host: 'mail.grapes.example', port: 465, secure: true });
  await transport.sendMail({ from: 'office@grapes.example', to: 'growers@grapes.example', subject: 'Harvest', text: String(req.body.text) });
  res.json({ page: pages.render('sent.html', {}), mail: mails.render('sent-mail.html', {}) });
});

export function exportPrices(rows: string[]): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'grapes-'));
  const file = path.join(dir, 'prices.csv');
  fs.writeFileSync(file, rows.join('\n'), { mode: 0o600 });
  return file;
}

export function exportPricesShared(rows: string[]): string {
  fs.writeFileSync('/tmp/grape-prices.csv', rows.join('\n'));
  return '/tmp/grape-prices.csv';
}

export function exportScratch(): string {
  return tmp.fileSync({ mode: 0o600, postfix: '.csv' }).name;
}

export function openInbox(): void {
  fs.chmodSync(INBOX, 0o777);
  fs.chmodSync(path.join(INBOX, 'readme.txt'), 0o644);
}
