'use strict';

const fs = require('fs');
const https = require('https');
const http = require('http');
const tls = require('tls');
const axios = require('axios').default;
const got = require('got');
const { Agent, fetch: undiciFetch } = require('undici');
const nodemailer = require('nodemailer');
const { Client: SshClient } = require('ssh2');

const BASE = 'https://meters.waterworks.example';
const CA = fs.readFileSync('/etc/meters/ca.pem');
const STRICT = true;
const LENIENT = !STRICT;

const strictAgent = new https.Agent({ ca: CA, keepAlive: true, minVersion: 'TLSv1.2' });
const lenientAgent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
const oldAgent = new https.Agent({ ca: CA, minVersion: 'TLSv1' });
const cappedAgent = new https.Agent({ ca: CA, maxVersion: 'TLSv1.1' });
const constAgent = new https.Agent({ ca: CA, rejectUnauthorized: STRICT });
const negatedAgent = new https.Agent({ ca: CA, rejectUnauthorized: LENIENT });

const meters = axios.create({ baseURL: BASE, timeout: 8000, httpsAgent: strictAgent });
const slowMeters = axios.create({ baseURL: BASE, httpsAgent: strictAgent });

function readMeter(id) {
  return meters.get(`/v1/meters/${Number(id)}`);
}

function readAll() {
  return slowMeters.get('/v1/meters');
}

function readClear() {
  return axios.get('http://meters.waterworks.example/v1/meters', { timeout: 8000 });
}

function readLocal() {
  return axios.get('http://localhost:9100/metrics', { timeout: 1000 });
}

function pumpState(callback) {
  const req = https.get(BASE + '/v1/pump', { agent: strictAgent, timeout: 4000 }, callback);
  req.on('timeout', () => req.destroy());
  return req;
}

function pumpStateUnchecked(callback) {
  const options = { hostname: 'meters.waterworks.example', path: '/v1/pump', timeout: 4000 };
  options.rejectUnauthorized = false;
  return https.request(options, callback);
}

function pumpAnyName() {
  return tls.connect({
    host: 'meters.waterworks.example',
    port: 8883,
    ca: CA,
    timeout: 4000,
    checkServerIdentity: () => undefined,
  });
}

function pumpCheckedName() {
  return tls.connect({
    host: '10.2.0.9',
    servername: 'pump.waterworks.example',
    port: 8883,
    ca: CA,
    timeout: 4000,
    checkServerIdentity: (host, cert) => tls.checkServerIdentity('pump.waterworks.example', cert),
  });
}

function pumpOldMethod() {
  return tls.connect(8883, 'meters.waterworks.example', { ca: CA, timeout: 4000, minVersion: 'TLSv1.1' });
}

function pumpCiphers() {
  return tls.connect({
    host: 'meters.waterworks.example',
    port: 8883,
    timeout: 4000,
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA',
  });
}

function pumpGoodCiphers() {
  const ciphers = ['TLS_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', '!RC4', '!aNULL'].join(':');
  return tls.connect({ host: 'meters.waterworks.example', port: 8883, timeout: 4000, ciphers });
}

async function tariff() {
  return got(BASE + '/v1/tariff', { timeout: { request: 5000 }, retry: { limit: 2 } }).json();
}

async function tariffUnchecked() {
  return got(BASE + '/v1/tariff', {
    timeout: { request: 5000 },
    https: {
      rejectUnauthorized: false,
    },
  }).json();
}

async function tariffPatient() {
  return got.post(BASE + '/v1/tariff', { json: { year: 2024 } }).json();
}

async function alarms() {
  const reply = await fetch(BASE + '/v1/alarms', { signal: AbortSignal.timeout(5000) });
  return reply.json();
}

async function alarmsPatient() {
  const reply = await fetch(`${BASE}/v1/alarms`, { headers: { accept: 'application/json' } });
  return reply.json();
}

async function alarmsUnchecked() {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  return undiciFetch(BASE + '/v1/alarms', { dispatcher, signal: AbortSignal.timeout(5000) });
}

const post = nodemailer.createTransport({
  host: 'mail.waterworks.example',
  port: 465,
  secure: true,
  auth: { user: process.env.MAIL_USER, pass: process.env.MAIL_PASS },
});

const lenientPost = nodemailer.createTransport({
  host: 'mail.waterworks.example',
  port: 465,
  secure: true,
  tls: { rejectUnauthorized: false },
});

function gauge(onReady) {
  const client = new SshClient();
  client.on('ready', onReady);
  client.connect({
    host: 'gauge.waterworks.example',
    username: 'reader',
    privateKey: fs.readFileSync('/etc/meters/id_ed25519'),
    readyTimeout: 10000,
    hostVerifier: (key) => key.equals(fs.readFileSync('/etc/meters/gauge.hostkey')),
  });
  return client;
}

function gaugeAnyKey(onReady) {
  const client = new SshClient();
  client.on('ready', onReady);
  client.connect({
    host: 'gauge.waterworks.example',
    username: 'reader',
    privateKey: fs.readFileSync('/etc/meters/id_ed25519'),
    readyTimeout: 10000,
    hostVerifier: () => true,
  });
  return client;
}

if (process.argv.includes('--lab')) {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
}

module.exports = { readMeter, readAll, readClear, readLocal, pumpState, pumpStateUnchecked, pumpAnyName, pumpCheckedName,
  pumpOldMethod, pumpCiphers, pumpGoodCiphers, tariff, tariffUnchecked, tariffPatient, alarms, alarmsPatient,
  alarmsUnchecked, gauge, gaugeAnyKey, post, lenientPost, http, lenientAgent, oldAgent, cappedAgent, constAgent, negatedAgent };
