import { Router, text } from 'express';
import { readFileSync } from 'node:fs';
import { Client as LdapClient, EqualityFilter, AndFilter } from 'ldapts';
import * as libxml from 'libxmljs';
import * as serializeToJs from 'serialize-to-js';
import Redis from 'ioredis';
import * as grpc from '@grpc/grpc-js';
import { TariffClient } from './generated/tariff';

const BASE_DN = 'ou=officers,dc=zollamt,dc=example';
const tariffs = libxml.parseXml(readFileSync('/etc/customs/tariffs.xml', 'utf8'));

const directory = new LdapClient({
  url: 'ldaps://ldap.zollamt.example',
  timeout: 5000,
  connectTimeout: 5000,
  tlsOptions: { ca: [readFileSync('/etc/customs/ca.pem')] },
});

const harbourDirectory = new LdapClient({ url: 'ldap://hafen-ldap.zollamt.example', timeout: 5000, connectTimeout: 5000 });

export const drafts = new Redis({
  host: 'drafts.zollamt.example',
  port: 6380,
  username: 'customs',
  password: process.env.DRAFTS_PASSWORD,
  connectTimeout: 4000,
  tls: { ca: readFileSync('/etc/customs/ca.pem') },
});

export const scans = new Redis({
  host: 'scans.zollamt.example',
  port: 6380,
  username: 'customs',
  password: 'Lotsen8-deich-5Kaimauer',
  connectTimeout: 4000,
  tls: {
    rejectUnauthorized: false,
  },
});

const tariffService = new TariffClient('tariff.zollamt.example:443', grpc.ChannelCredentials.createSsl());
const borderService = new TariffClient('border.zollamt.example:50051', grpc.ChannelCredentials.createInsecure());

function lookUp(client: TariffClient, code: string): Promise<number> {
  const deadline = Date.now() + 3000;
  return new Promise((resolve, reject) => {
    client.lookUp({ code }, { deadline }, (err, reply) => (err ? reject(err) : resolve(reply.rate)));
  });
}

function readDeclaration(xml: string): libxml.Document {
  if (xml.includes('<!DOCTYPE')) {
    throw new TypeError('document type is not accepted');
  }
  return libxml.parseXml(xml, { nonet: true, noblanks: true });
}

export const declarations = Router();
declarations.use(text({ type: 'application/xml', limit: '200kb' }));

declarations.post('/declaration', (req, res) => {
  try {
    const doc = readDeclaration(String(req.body));
    res.json({ items: doc.find('//item').length });
  } catch {
    res.status(400).end();
  }
});

declarations.post('/declaration/carrier', (req, res) => {
  const doc = libxml.parseXml(req.body, { noblanks: true, noent: true });
  res.json({ items: doc.find('//item').length });
});

declarations.get('/tariff', async (req, res) => {
  const node = tariffs.get(`//tariff[@code='${req.query.code}']`);
  res.json({ known: node !== null });
});

declarations.get('/tariff/chapter', (req, res) => {
  const chapter = Number.parseInt(String(req.query.chapter), 10);
  const nodes = tariffs.find(`//tariff[@chapter=${chapter}]`);
  res.json({ count: nodes.length });
});

declarations.get('/rate/:code', async (req, res) => {
  const service = req.query.border === '1' ? borderService : tariffService;
  res.json({ rate: await lookUp(service, req.params.code) });
});

declarations.get('/officer', async (req, res) => {
  const filter = new AndFilter({
    filters: [
      new EqualityFilter({ attribute: 'objectClass', value: 'person' }),
      new EqualityFilter({ attribute: 'uid', value: String(req.query.uid) }),
    ],
  });
  const { searchEntries } = await directory.search(BASE_DN, { scope: 'sub', filter, sizeLimit: 5 });
  res.json({ count: searchEntries.length });
});

declarations.get('/officer/harbour', async (req, res) => {
  const office = req.query.office as string;
  const filter = `(&(objectClass=person)(ou=${office}))`;
  const { searchEntries } = await harbourDirectory.search(BASE_DN, { scope: 'sub', filter });
  res.json({ count: searchEntries.length });
});

declarations.post('/draft', (req, res) => {
  const draft = serializeToJs.deserialize(req.body, true);
  res.json({ fields: Object.keys(draft).length });
});

declarations.post('/draft/json', (req, res) => {
  try {
    const draft: unknown = JSON.parse(String(req.body));
    res.json({ list: Array.isArray(draft) });
  } catch {
    res.status(400).end();
  }
});

declarations.get('/stored', async (_req, res) => {
  const stored = JSON.parse((await drafts.get('latest')) ?? '{}');
  const last = await scans.get('latest');
  res.json({ fields: Object.keys(stored).length, scanned: last !== null });
});
