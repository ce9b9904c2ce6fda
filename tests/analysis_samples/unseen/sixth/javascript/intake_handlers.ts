// Intake of scanned parish registers: archives, XML transcripts, staff look-ups.
import { createWriteStream, promises as fsp } from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as path from 'path';
import { Router, Request, Response, NextFunction } from 'express';
import session from 'express-session';
import AdmZip from 'adm-zip';
import unzipper from 'unzipper';
import * as tar from 'tar';
import multer from 'multer';
import * as libxmljs from 'libxmljs2';
import xpath from 'xpath';
import { DOMParser } from '@xmldom/xmldom';
import { Client as LdapClient, EqualityFilter } from 'ldapts';
import pino from 'pino';
import * as v8 from 'v8';
import sanitizeHtml from 'sanitize-html';
import { z } from 'zod';

declare module 'express-session' {
  interface SessionData {
    parish?: string;
    role?: string;
  }
}

type Handler = (req: Request, res: Response, next: NextFunction) => Promise<void> | void;
const wrap = (h: Handler): Handler => (req, res, next) => Promise.resolve(h(req, res, next)).catch(next);

const INBOX = path.resolve('/srv/registers/inbox');
const log = pino();
const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 20_000_000, files: 1 }, fileFilter: onlyZip });
const intake = Router();
const Decade = z.coerce.number().int().min(1500).max(1990);
const ParishName = z.string().regex(/^[A-Za-z ]{1,60}$/);
const MIRRORS: Record<string, string> = { york: 'york.registers.example', durham: 'durham.registers.example' };

function onlyZip(_req: Request, file: Express.Multer.File, done: multer.FileFilterCallback): void {
  done(null, file.mimetype === 'application/zip');
}

function safeTarget(name: string): string | undefined {
  const target = path.resolve(INBOX, name);
  return target.startsWith(INBOX + path.sep) ? target : undefined;
}

intake.post('/zip', upload.single('zip'), wrap(async (req, res) => {
  const zip = new AdmZip(req.file!.buffer);
  for (const entry of zip.getEntries()) {
    if (entry.isDirectory) continue;
    await fsp.writeFile(path.join(INBOX, entry.entryName), entry.getData());
  }
  res.sendStatus(204);
}));

intake.post('/zip2', upload.single('zip'), wrap(async (req, res) => {
  const zip = new AdmZip(req.file!.buffer);
  for (const entry of zip.getEntries()) {
    const target = entry.isDirectory ? undefined : safeTarget(entry.entryName);
    if (target) await fsp.writeFile(target, entry.getData());
  }
  res.sendStatus(204);
}));

intake.post('/zip3', upload.single('zip'), wrap(async (req, res) => {
  const directory = await unzipper.Open.buffer(req.file!.buffer);
  for (const file of directory.files) {
    file.stream().pipe(createWriteStream(`${INBOX}/${file.path}`));
  }
  res.sendStatus(202);
}));

intake.post('/tar', wrap(async (req, res) => {
  await tar.x({ file: '/srv/registers/last.tar', cwd: INBOX, preservePaths: true });
  await tar.x({ file: '/srv/registers/last.tar', cwd: INBOX, strict: true });
  res.sendStatus(204);
}));

intake.post('/transcript', wrap(async (req, res) => {
  const doc = libxmljs.parseXml(req.body, { noent: true, nonet: true });
  const plain = libxmljs.parseXml(req.body, { noent: false, nonet: true });
  res.json({ a: doc.root()?.name(), b: plain.root()?.name() });
}));

async function transcripts(): Promise<Document> {
  const text = await fsp.readFile('/srv/registers/all.xml', 'utf8');
  return new DOMParser().parseFromString(text, 'text/xml') as unknown as Document;
}

intake.get('/baptisms', wrap(async (req, res) => {
  const doc = await transcripts();
  const surname = req.query.surname as string;
  const found = xpath.select(`//baptism[@surname='${surname}']`, doc);
  const bound = xpath.parse('//baptism[@surname=$s]').select({ node: doc, variables: { s: surname } });
  res.json({ found: (found as Node[]).length, bound: bound.length });
}));

intake.get('/baptisms/decade', wrap(async (req, res) => {
  const decade = Decade.parse(req.query.decade);
  const found = xpath.select(`//baptism[@decade='${decade}']`, await transcripts());
  res.json({ found: (found as Node[]).length });
}));

intake.get('/staff', wrap(async (req, res) => {
  const client = new LdapClient({ url: 'ldaps://ldap.registers.example', timeout: 5000, connectTimeout: 3000 });
  await client.bind('cn=reader,dc=registers', process.env.LDAP_READER_PASSWORD as string);
  const uid = String(req.query.uid);
  const { searchEntries } = await client.search('ou=staff,dc=registers', { filter: `(uid=${uid})`, sizeLimit: 5 });
  const exact = await client.search('ou=staff,dc=registers', { filter: new EqualityFilter({ attribute: 'uid', value: uid }) });
  res.json({ n: searchEntries.length, m: exact.searchEntries.length });
}));

intake.post('/parish', wrap((req, res) => {
  req.session.role = req.body.role;
  req.session.parish = ParishName.parse(req.body.parish);
  console.log('parish chosen by ' + req.body.clerk);
  console.log('parish chosen: %s', req.session.parish);
  log.info({ clerk: req.body.clerk }, 'parish chosen');
  res.sendStatus(204);
}));

intake.post('/state', wrap((req, res) => {
  const state = v8.deserialize(Buffer.from('/wAAAA==', 'base64'));
  res.json({ state: typeof state });
}));

intake.get('/mirror', wrap((req, res) => {
  const host = req.query.host as string;
  const request = https.get({ host, path: '/index.json', timeout: 4000 }, (answer) => {
    answer.pipe(res);
  });
  request.on('timeout', () => request.destroy());
}));

intake.get('/mirror/:county', wrap((req, res) => {
  const host = Object.hasOwn(MIRRORS, req.params.county) ? MIRRORS[req.params.county] : MIRRORS.york;
  const request = https.get({ host, path: '/index.json', timeout: 4000 }, (answer) => {
    answer.pipe(res);
  });
  request.on('timeout', () => request.destroy());
}));

intake.get('/note', wrap((req, res) => {
  const note = (req.query.note as string | undefined)?.trim() ?? '';
  const clean = sanitizeHtml(note, { allowedTags: ['i', 'b'], allowedAttributes: {} });
  if (req.query.raw === '1') {
    res.write('<p>' + note + '</p>');
  } else {
    res.write('<p>' + clean + '</p>');
  }
  res.end();
}));

intake.get('/download', wrap((req, res) => {
  const chosen = req.query.file as string;
  const list = [chosen, 'index.txt'];
  res.download(path.join(INBOX, list[0]));
}));

intake.get('/download2', wrap((req, res) => {
  const list = [req.query.file as string, 'index.txt'];
  res.download(path.join(INBOX, list[1]));
}));

export { intake, http, session };
