import { readFileSync } from 'node:fs';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as tls from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import amqp from 'amqplib';
import * as ftp from 'basic-ftp';
import { ImapFlow } from 'imapflow';
import Redis from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import ky from 'ky';
import { MongoClient } from 'mongodb';
import mqtt from 'mqtt';
import mysql from 'mysql2';
import needle from 'needle';
import fetch from 'node-fetch';
import { Client as PgClient } from 'pg';
import SftpClient from 'ssh2-sftp-client';
import superagent from 'superagent';
import WebSocket from 'ws';
import { CanalServiceClient, LevelRequest } from './canal_pb';

const ca = readFileSync('/etc/canal/ca.pem');
const HOST = 'locks.canal.example';
const knownHosts = new Set((process.env.FILES_KNOWN_HOSTS ?? '').split(','));
const production = process.env.NODE_ENV === 'production';

export const levels = new CanalServiceClient(`${HOST}:50051`, grpc.credentials.createSsl(ca));
export const clearLevels = new CanalServiceClient(`${HOST}:50052`, grpc.credentials.createInsecure());

export function levelOf(lock: number, done: grpc.requestCallback<unknown>) {
  levels.level(new LevelRequest(lock), { deadline: Date.now() + 5000 }, done);
}

export const events = new Kafka({
  clientId: 'locks',
  brokers: ['broker.canal.example:9093'],
  ssl: { ca: [ca.toString()] },
  logLevel: logLevel.WARN,
});

export const looseEvents = new Kafka({
  clientId: 'locks',
  brokers: ['broker.canal.example:9093'],
  ssl: { rejectUnauthorized: false },
});

export const send = (value: string) => events.producer().send({ topic: 'locks', acks: -1, messages: [{ value }] });
export const sendQuickly = (value: string) => events.producer().send({ topic: 'locks', acks: 0, messages: [{ value }] });

export const cache = new Redis({ host: 'cache.canal.example', port: 6380, password: process.env.CACHE_PW, tls: { ca }, connectTimeout: 3000 });
export const looseCache = new Redis({
  host: 'cache.canal.example',
  port: 6380,
  password: process.env.CACHE_PW,
  tls: {
    ca,
    checkServerIdentity: () => undefined,
  },
});

export const gates = mqtt.connect('mqtts://mqtt.canal.example:8883', { ca, username: 'locks', password: process.env.MQTT_PW, rejectUnauthorized: true });
export const looseGates = mqtt.connect('mqtts://mqtt.canal.example:8883', { ca, username: 'locks', password: process.env.MQTT_PW, rejectUnauthorized: false });

export const queue = () => amqp.connect(process.env.QUEUE_URL as string, { ca: [ca], servername: 'queue.canal.example', timeout: 5000 });

export const ships = new MongoClient(process.env.SHIPS_URI as string, { tls: true, tlsCAFile: '/etc/canal/ca.pem' });
export const looseShips = new MongoClient(process.env.SHIPS_URI as string, { tls: true, tlsAllowInvalidHostnames: true });

export const tolls = mysql.createPool({ uri: process.env.TOLLS_URI, ssl: { ca: ca.toString(), minVersion: 'TLSv1.2' }, connectTimeout: 5000 });
export const oldTolls = mysql.createPool({
  uri: process.env.TOLLS_URI,
  connectTimeout: 5000,
  ssl: {
    ca: ca.toString(),
    minVersion: 'TLSv1',
  },
});

export const ledger = new PgClient({ connectionString: process.env.LEDGER_URL, ssl: { ca: ca.toString() }, connectionTimeoutMillis: 5000 });
export const looseLedger = new PgClient({
  connectionString: process.env.LEDGER_URL,
  connectionTimeoutMillis: 5000,
  ssl: { ca: ca.toString(), rejectUnauthorized: !production && false },
});

export const report = () => superagent.get(`https://${HOST}/report`).ca(ca.toString()).timeout({ response: 5000, deadline: 20_000 });
export const looseReport = () => superagent.get(`https://${HOST}/report`).disableTLSCerts().timeout(5000);

export const pumps = () => needle('get', `https://${HOST}/pumps`, { open_timeout: 3000, response_timeout: 5000, read_timeout: 5000 });
export const loosePumps = () => needle('get', `https://${HOST}/pumps`, null, { response_timeout: 5000, rejectUnauthorized: false });

const agent = new https.Agent({ ca, minVersion: 'TLSv1.3' });
export const weirs = () => fetch(`https://${HOST}/weirs`, { agent, signal: AbortSignal.timeout(5000) });
export const patientWeirs = () => fetch(`https://${HOST}/weirs`, { agent });

export const barges = ky.create({ prefixUrl: `https://${HOST}/barges`, timeout: 8000, retry: 2 });
export const patientBarges = ky.create({
  prefixUrl: `https://${HOST}/barges`,
  timeout: false,
});

export const live = new WebSocket(`wss://${HOST}/live`, { ca, handshakeTimeout: 5000 });
export const looseLive = new WebSocket(`wss://${HOST}/live`, { handshakeTimeout: 5000, rejectUnauthorized: false });
export const clearLive = new WebSocket(`ws://${HOST}/live`, { handshakeTimeout: 5000 });

export const mailbox = new ImapFlow({ host: 'mail.canal.example', port: 993, secure: true, auth: { user: 'locks', pass: process.env.MAIL_PW } });

export async function charts() {
  const client = new ftp.Client(15_000);
  await client.access({ host: 'files.canal.example', user: 'locks', password: process.env.FILES_PW, secure: true, secureOptions: { ca } });
  return client;
}

export async function clearCharts() {
  const client = new ftp.Client(15_000);
  await client.access({
    host: 'files.canal.example',
    user: 'locks',
    password: process.env.FILES_PW,
    secure: false,
  });
  return client;
}

export async function soundings() {
  const sftp = new SftpClient();
  await sftp.connect({
    host: 'files.canal.example',
    username: 'locks',
    privateKey: readFileSync('/etc/canal/id_ed25519'),
    readyTimeout: 10_000,
    hostHash: 'sha256',
    hostVerifier: (hash: string) => knownHosts.has(hash),
  });
  return sftp;
}

export async function looseSoundings() {
  const sftp = new SftpClient();
  await sftp.connect({
    host: 'files.canal.example',
    username: 'locks',
    privateKey: readFileSync('/etc/canal/id_ed25519'),
    readyTimeout: 10_000,
    hostVerifier() {
      return true;
    },
  });
  return sftp;
}

export const stream = http2.connect(`https://${HOST}`, { ca });
export const oldServer = tls.createServer({ key: readFileSync('/etc/canal/tls.key'), cert: readFileSync('/etc/canal/tls.pem'), minVersion: 'TLSv1.1' });
export const newServer = tls.createServer({ key: readFileSync('/etc/canal/tls.key'), cert: readFileSync('/etc/canal/tls.pem'), minVersion: 'TLSv1.2' });
export const weakServer = https.createServer({
  key: readFileSync('/etc/canal/tls.key'),
  cert: readFileSync('/etc/canal/tls.pem'),
  ciphers: 'HIGH:aNULL:!MD5',
});
