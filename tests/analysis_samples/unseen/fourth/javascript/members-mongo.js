'use strict';

const { randomBytes } = require('crypto');
const express = require('express');
const helmet = require('helmet');
const cors = require('cors');
const rateLimit = require('express-rate-limit');
const mongoose = require('mongoose');
const mongoSanitize = require('express-mongo-sanitize');
const { MongoClient, ObjectId } = require('mongodb');
const _ = require('lodash');
const winston = require('winston');

const log = winston.createLogger({ transports: [new winston.transports.Console()] });
const client = new MongoClient(process.env.CLUB_MONGO, { tls: true, serverSelectionTimeoutMS: 5000 });
const labClient = new MongoClient(process.env.CLUB_MONGO, {
  tls: true,
  tlsAllowInvalidCertificates: true,
});
const members = client.db('club').collection('members');
const Boat = mongoose.model('Boat', new mongoose.Schema({ name: String, berth: String, owner: String }));

const app = express();
app.use(helmet({
  noSniff: false,
  referrerPolicy: { policy: 'no-referrer' },
}));
app.use(cors({ origin: ['https://club.example', 'https://race.club.example'], credentials: true }));
app.use(rateLimit({ windowMs: 60_000, limit: 200 }));
app.use(express.json({ limit: '200kb' }));

const openCors = cors({
  origin: true,
  methods: ['GET'],
});
const boardCors = cors({
  origin(origin, done) {
    done(null, origin === 'https://board.club.example');
  },
});

app.get('/members/:id', async (req, res) => {
  const member = await members.findOne({ _id: new ObjectId(req.params.id) });
  res.json({ name: member?.name ?? null });
});

app.post('/members/find', async (req, res) => {
  const member = await members.findOne({ email: req.body.email, pin: req.body.pin });
  res.json({ found: member !== null });
});

app.post('/members/find-text', async (req, res) => {
  const member = await members.findOne({ email: String(req.body.email), club: { $eq: String(req.body.club) } });
  res.json({ found: member !== null });
});

app.post('/members/search', async (req, res) => {
  const list = await members.find(req.body.filter).limit(20).toArray();
  res.json(list.map((m) => m.name));
});

app.post('/members/search-typed', async (req, res) => {
  const { name } = req.body;
  if (typeof name !== 'string') {
    res.status(400).json({ error: 'name' });
    return;
  }
  const list = await members.find({ name }).limit(20).toArray();
  res.json(list.map((m) => m.name));
});

app.get('/members/age', async (req, res) => {
  const script = 'this.age > ' + req.query.age;
  const list = await members.find({ $where: script }).toArray();
  res.json(list.length);
});

app.get('/members/age-number', async (req, res) => {
  const list = await members.find({ age: { $gt: Number(req.query.age) } }).toArray();
  res.json(list.length);
});

app.post('/boats/berth', async (req, res) => {
  const change = { berth: String(req.body.berth) };
  await Boat.updateOne({ name: String(req.body.name) }, { $set: change });
  res.json({ ok: true });
});

app.post('/boats/release', async (req, res) => {
  const conditions = { owner: req.body.owner };
  await Boat.deleteMany(conditions);
  res.json({ ok: true });
});

app.post('/boats/pipeline', async (req, res) => {
  const stages = [{ $match: { berth: 'A' } }, ...req.body.stages];
  res.json(await Boat.aggregate(stages));
});

app.post('/boats/counted', async (req, res) => {
  const stages = [{ $match: { berth: String(req.body.berth) } }, { $count: 'boats' }];
  res.json(await Boat.aggregate(stages));
});

app.post('/boats/clean', async (req, res) => {
  const filter = mongoSanitize.sanitize({ name: req.body.name, berth: req.body.berth });
  res.json(await Boat.find(filter));
});

const settings = { theme: 'light', flags: {} };

app.post('/settings', (req, res) => {
  const { section, key, value } = req.body;
  settings[section][key] = value;
  res.json({ ok: true });
});

app.post('/settings/known', (req, res) => {
  const { key, value } = req.body;
  if (!['theme', 'language'].includes(key)) {
    res.status(400).end();
    return;
  }
  settings[key] = String(value);
  res.json({ ok: true });
});

app.post('/settings/merge', (req, res) => {
  _.merge(settings, req.body);
  res.json({ ok: true });
});

app.post('/settings/picked', (req, res) => {
  Object.assign(settings, { theme: String(req.body.theme), language: String(req.body.language) });
  res.json({ ok: true });
});

app.post('/tally', (req, res) => {
  const tally = new Map();
  for (const vote of req.body.votes) {
    tally.set(vote, (tally.get(vote) ?? 0) + 1);
  }
  res.json({ kinds: tally.size });
});

app.get('/race', openCors, (req, res) => {
  log.info(`race watched from ${req.query.club}`);
  log.info('race watched', { at: Date.now() });
  res.json({ leg: 3 });
});

app.get('/board', boardCors, (req, res) => {
  const pass = process.env.BOARD_PASSWORD;
  log.debug('board opened with password ' + pass);
  log.debug(`board password has ${pass.length} characters`);
  res.json({ minutes: [] });
});

app.post('/invite', (req, res) => {
  const link = `https://${req.headers.host}/join/${randomBytes(20).toString('hex')}`;
  const staticLink = new URL('/join', process.env.PUBLIC_URL).href;
  res.json({ link, staticLink });
});

module.exports = { app, labClient };
