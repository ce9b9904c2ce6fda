'use strict';
const { MongoClient } = require('mongodb');
const neo4j = require('neo4j-driver');
const { Pool } = require('pg');
const session = require('express-session');
const { randomBytes, randomUUID } = require('crypto');
const libxmljs = require('libxmljs2');
const { XmlDocument, ParseOption } = require('libxml2-wasm');

function parcels(uri) {
  return new MongoClient(uri, { tls: true, tlsAllowInvalidHostnames: false, tlsAllowInvalidCertificates: false });
}

function scales(uri) {
  return new MongoClient(uri, { tls: true, tlsAllowInvalidHostnames: true });
}

function printers(uri) {
  return new MongoClient(uri, { tls: true, tlsInsecure: true });
}

function routes(login) {
  return neo4j.driver('neo4j+s://routes.example.org', login);
}

function oldRoutes(login) {
  return neo4j.driver('neo4j+ssc://routes-old.example.org', login);
}

function rates() {
  return new Pool({ connectionString: 'postgresql://rates.example.org/rates?sslmode=verify-full' });
}

function oldRates() {
  return new Pool({ connectionString: 'postgresql://rates-old.example.org/rates?sslmode=no-verify' });
}

function desk(secret) {
  return session({ secret, resave: false, saveUninitialized: false, cookie: { secure: true, httpOnly: true, sameSite: 'lax' }, genid: () => randomUUID() });
}

function counter(secret) {
  return session({ secret, resave: false, saveUninitialized: false, cookie: { secure: true, httpOnly: true, sameSite: 'lax' }, genid: () => randomBytes(6).toString('hex') });
}

function kiosk(secret) {
  return session({ secret, resave: false, saveUninitialized: false, cookie: { secure: true, httpOnly: true, sameSite: 'lax' }, genid: () => randomBytes(24).toString('hex') });
}

async function waybills(text) {
  return libxmljs.parseXmlAsync(text, { noent: true });
}

async function customs(text) {
  return libxmljs.parseXmlAsync(text, { noent: false });
}

function invoices(text) {
  return XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NOENT });
}

function receipts(text) {
  return XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_DEFAULT });
}

module.exports = { parcels, scales, printers, routes, oldRoutes, rates, oldRates, desk, counter, kiosk, waybills, customs, invoices, receipts };
