'use strict';

const fs = require('fs');
const ldap = require('ldapjs');
const { EqualityFilter, AndFilter, parseFilter } = require('ldapjs');
const xpath = require('xpath');
const { DOMParser } = require('@xmldom/xmldom');
const libxmljs = require('libxmljs2');
const { XMLParser } = require('fast-xml-parser');
const Router = require('koa-router');

const BASE = 'ou=people,dc=stadtwerke,dc=example';
const LEGACY_URL = 'ldap://legacy-ldap.stadtwerke.example:389';
const DOCTYPE = /<!DOCTYPE/i;

const directory = ldap.createClient({
  url: ['ldaps://ldap.stadtwerke.example:636'],
  timeout: 5000,
  connectTimeout: 5000,
  tlsOptions: { ca: [fs.readFileSync('/etc/phonebook/ca.pem')] },
});

const branch = ldap.createClient({
  url: 'ldaps://branch-ldap.stadtwerke.example',
  timeout: 5000,
  connectTimeout: 5000,
  tlsOptions: {
    rejectUnauthorized: false,
  },
});

const legacy = ldap.createClient({ url: LEGACY_URL, timeout: 5000, connectTimeout: 5000 });

function escapeFilter(value) {
  return String(value).replace(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function search(client, options) {
  return new Promise((resolve, reject) => {
    client.search(BASE, options, (err, res) => {
      if (err) return reject(err);
      const found = [];
      res.on('searchEntry', (entry) => found.push(entry.pojo));
      res.on('error', reject);
      return res.on('end', () => resolve(found));
    });
  });
}

const router = new Router();
const people = new DOMParser().parseFromString(fs.readFileSync('/etc/phonebook/people.xml', 'utf8'), 'text/xml');

router.get('/people/uid', async (ctx) => {
  const filter = new AndFilter({
    filters: [
      new EqualityFilter({ attribute: 'objectClass', value: 'person' }),
      new EqualityFilter({ attribute: 'uid', value: String(ctx.query.uid) }),
    ],
  });
  ctx.body = await search(directory, { filter, scope: 'sub', sizeLimit: 20 });
});

router.get('/people/phone', async (ctx) => {
  const filter = `(telephoneNumber=${escapeFilter(ctx.query.phone)})`;
  ctx.body = await search(directory, { filter, scope: 'sub', sizeLimit: 20 });
});

router.get('/people/name', async (ctx) => {
  const name = ctx.query.name;
  branch.search(BASE, { filter: `(&(objectClass=person)(cn=*${name}*))`, scope: 'sub' }, (err, res) => {
    if (err) return;
    res.on('searchEntry', (entry) => ctx.state.entries.push(entry.pojo));
  });
  ctx.status = 202;
});

router.get('/people/room', async (ctx) => {
  const text = '(roomNumber=' + ctx.query.room + ')';
  const filter = parseFilter(text);
  ctx.body = await search(directory, { filter, scope: 'sub', sizeLimit: 20 });
});

router.get('/people/all', async (ctx) => {
  ctx.body = await search(legacy, { filter: '(objectClass=person)', scope: 'sub', sizeLimit: 500 });
});

router.get('/desk', (ctx) => {
  const owner = ctx.query.owner;
  const nodes = xpath.select("//desk[@owner='" + owner + "']/text()", people);
  ctx.body = nodes.map((node) => node.data);
});

router.get('/desk/number', (ctx) => {
  const number = Number.parseInt(ctx.query.number, 10);
  const nodes = xpath.select(`//desk[@number=${number}]/text()`, people);
  ctx.body = nodes.map((node) => node.data);
});

router.get('/desk/team', (ctx) => {
  const expression = xpath.parse('//desk[@team=$team]/text()');
  const nodes = expression.select({ node: people, variables: { team: String(ctx.query.team) } });
  ctx.body = nodes.map((node) => node.data);
});

router.get('/printer', (ctx) => {
  const { floor } = ctx.query;
  const path = `//printer[@floor="${floor}"]`;
  const printer = xpath.select1(path, people);
  ctx.body = { found: Boolean(printer) };
});

router.post('/import', (ctx) => {
  const text = ctx.request.rawBody;
  const doc = libxmljs.parseXml(text, {
    noent: true,
    dtdload: true,
  });
  ctx.body = { people: doc.find('//person').length };
});

router.post('/import/strict', (ctx) => {
  const text = ctx.request.rawBody;
  if (DOCTYPE.test(text)) {
    ctx.throw(400);
  }
  const doc = libxmljs.parseXml(text, { noent: false, nonet: true });
  ctx.body = { people: doc.find('//person').length };
});

router.post('/import/light', (ctx) => {
  const text = ctx.request.rawBody;
  if (DOCTYPE.test(text)) {
    ctx.throw(400);
  }
  const parser = new XMLParser({ processEntities: false, ignoreAttributes: false });
  ctx.body = { roots: Object.keys(parser.parse(text)).length };
});

module.exports = { router, directory };
