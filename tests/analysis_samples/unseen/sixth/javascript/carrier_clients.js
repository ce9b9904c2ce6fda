'use strict';
// Clients of the letter-post clearing house: carriers, stamps, customs.
const fs = require('fs');
const https = require('https');
const axios = require('axios').default;
const axiosRetry = require('axios-retry').default;
const got = require('got');
const { Agent, request: undiciRequest } = require('undici');
const { Pool } = require('pg');
const mysql = require('mysql2/promise');
const { Kafka } = require('kafkajs');
const Redis = require('ioredis');
const grpc = require('@grpc/grpc-js');
const ftp = require('basic-ftp');
const { Client: SshClient } = require('ssh2');
const nodemailer = require('nodemailer');

const CA = fs.readFileSync('/etc/post/ca.pem');
const QUICK = { timeout: 5000 };

const trusting = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
const careful = new https.Agent({ keepAlive: true, ca: CA, rejectUnauthorized: true });

function carrier(baseURL) {
  return axios.create({ baseURL, timeout: 10000, httpsAgent: careful });
}

function patientCarrier(baseURL) {
  const client = axios.create({ baseURL, httpsAgent: careful, timeout: 0 });
  return client;
}

function stubbornCarrier(baseURL) {
  const client = axios.create({ baseURL, ...QUICK });
  axiosRetry(client, {
    retries: Infinity,
    retryDelay: axiosRetry.exponentialDelay,
  });
  return client;
}

function politeCarrier(baseURL) {
  const client = axios.create({ baseURL, ...QUICK });
  axiosRetry(client, { retries: 4, retryDelay: axiosRetry.exponentialDelay });
  return client;
}

async function parcelState(id) {
  const url = `https://track.post.example/parcels/${encodeURIComponent(id)}`;
  return got(url, { timeout: { request: 8000 }, https: { rejectUnauthorized: false } }).json();
}

async function parcelWeight(id) {
  const url = `https://scale.post.example/parcels/${encodeURIComponent(id)}`;
  return got(url, { timeout: { request: 8000 }, https: { certificateAuthority: CA } }).json();
}

async function stampPrice(zone) {
  const target = new URL('https://stamps.post.example/price');
  target.searchParams.set('zone', zone);
  target.searchParams.set('api_key', process.env.STAMP_KEY);
  const { body } = await undiciRequest(target, { headersTimeout: 5000, bodyTimeout: 5000 });
  return body.json();
}

async function stampStock(zone) {
  const target = new URL('https://stamps.post.example/stock');
  target.searchParams.set('zone', zone);
  const res = await fetch(target, {
    headers: { authorization: `Bearer ${process.env.STAMP_KEY}` },
    signal: AbortSignal.timeout(5000),
  });
  return res.json();
}

async function holidays() {
  const { data } = await axios.get('http://calendar.post.example/holidays.json', { timeout: 4000 });
  return data;
}

const dispatcher = new Agent({
  connect: { ca: CA, rejectUnauthorized: true },
  bodyTimeout: 10000,
});

const ledger = new Pool({
  host: 'ledger.post.example',
  user: 'clearing',
  password: process.env.LEDGER_PASSWORD || 'pillar-box-1840-Red',
  max: 10,
  connectionTimeoutMillis: 5000,
  ssl: { ca: CA, rejectUnauthorized: true },
});

const archive = new Pool({
  host: 'archive.post.example',
  user: 'clearing',
  password: process.env.ARCHIVE_PASSWORD,
  connectionTimeoutMillis: 5000,
  ssl: false,
});

const customs = mysql.createPool({
  host: 'customs.post.example',
  user: 'clearing',
  password: process.env.CUSTOMS_PASSWORD,
  connectionLimit: 8,
  ssl: {
    rejectUnauthorized: false,
  },
});

const kafka = new Kafka({
  clientId: 'clearing',
  brokers: ['k1.post.example:9093'],
  ssl: { ca: [CA] },
  sasl: { mechanism: 'scram-sha-512', username: 'clearing', password: process.env.KAFKA_PASSWORD },
});
const producer = kafka.producer();

async function announce(letter) {
  await producer.send({ topic: 'letters', acks: -1, messages: [{ value: JSON.stringify(letter) }] });
  await producer.send({ topic: 'letters.audit', acks: 0, messages: [{ value: letter.id }] });
}

const cache = new Redis({
  host: 'cache.post.example',
  password: process.env.CACHE_PASSWORD,
  tls: { ca: CA, checkServerIdentity: () => null },
});

function sorting(Service) {
  return new Service('sorting.post.example:50051', grpc.credentials.createInsecure());
}

function sortingSafe(Service) {
  return new Service('sorting.post.example:443', grpc.credentials.createSsl(CA));
}

async function manifest(file) {
  const client = new ftp.Client(15000);
  await client.access({
    host: 'drop.post.example',
    user: 'clearing',
    password: process.env.DROP_PASSWORD,
    secure: false,
  });
  await client.uploadFrom(file, 'manifest.csv');
}

function franking(fingerprint) {
  const any = new SshClient();
  any.connect({
    host: 'frank-1.post.example',
    username: 'press',
    readyTimeout: 9000,
    hostVerifier: () => true,
  });
  const known = new SshClient();
  known.connect({
    host: 'frank-2.post.example',
    username: 'press',
    readyTimeout: 9000,
    hostHash: 'sha256',
    hostVerifier: (hash) => hash === fingerprint,
  });
  return [any, known];
}

const mail = nodemailer.createTransport({
  host: 'mail.post.example',
  port: 587,
  requireTLS: true,
  auth: { user: 'clearing', pass: process.env.MAIL_PASSWORD },
});

module.exports = {
  carrier, patientCarrier, stubbornCarrier, politeCarrier, parcelState, parcelWeight, stampPrice,
  stampStock, holidays, dispatcher, ledger, archive, customs, announce, cache, sorting, sortingSafe,
  manifest, franking, mail, trusting,
};
