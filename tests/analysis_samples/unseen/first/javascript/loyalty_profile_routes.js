'use strict';

const express = require('express');
const _ = require('lodash');
const { MongoClient, ObjectId } = require('mongodb');

const client = new MongoClient(process.env.LOYALTY_MONGO_URL, {
  tls: true,
  maxPoolSize: 20,
  serverSelectionTimeoutMS: 4000,
  socketTimeoutMS: 20000,
});
const members = client.db('loyalty').collection('members');
const coupons = client.db('loyalty').collection('coupons');

const archive = new MongoClient(process.env.ARCHIVE_MONGO_URL, {
  tls: true,
  tlsAllowInvalidCertificates: true,
  maxPoolSize: 5,
  serverSelectionTimeoutMS: 4000,
  socketTimeoutMS: 20000,
});

const EDITABLE = ['nickname', 'language', 'newsletter'];
const DEFAULTS = Object.freeze({ language: 'de', newsletter: false });

const router = express.Router();
router.use(express.json({ limit: '16kb' }));

router.post('/members/find', async (req, res) => {
  const member = await members.findOne({ card: req.body.card });
  res.json({ known: member !== null });
});

router.post('/members/lookup', async (req, res) => {
  const card = String(req.body.card);
  const member = await members.findOne({ card });
  res.json({ known: member !== null });
});

router.get('/members/:id', async (req, res) => {
  if (!ObjectId.isValid(req.params.id)) {
    res.status(404).end();
    return;
  }
  const member = await members.findOne({ _id: new ObjectId(req.params.id) }, { projection: { nickname: 1 } });
  res.json(member);
});

router.post('/coupons/search', async (req, res) => {
  const filter = { active: true };
  if (req.body.shop) {
    filter.shop = req.body.shop;
  }
  const found = await coupons.find(filter).limit(50).toArray();
  res.json(found.map((coupon) => coupon.code));
});

router.post('/coupons/nearby', async (req, res) => {
  const filter = { active: true, radius: { $lte: Number(req.body.radius) } };
  const found = await coupons.find(filter).limit(50).toArray();
  res.json(found.map((coupon) => coupon.code));
});

router.post('/coupons/script', async (req, res) => {
  const found = await coupons
    .find({ $where: `this.value > ${req.body.minimum}` })
    .limit(50)
    .toArray();
  res.json(found.length);
});

router.patch('/profile', async (req, res) => {
  const profile = { ...DEFAULTS };
  for (const field of EDITABLE) {
    if (typeof req.body[field] === 'string') {
      profile[field] = req.body[field];
    }
  }
  await members.updateOne({ _id: new ObjectId(req.session.memberId) }, { $set: profile });
  res.json(profile);
});

router.patch('/preferences', (req, res) => {
  const preferences = req.app.locals.preferences;
  _.merge(preferences, req.body);
  res.status(204).end();
});

router.patch('/shops/theme', (req, res) => {
  const theme = _.merge({}, DEFAULTS, _.pick({ dark: req.body.dark === true }, ['dark']));
  res.json(theme);
});

router.put('/labels', (req, res) => {
  const labels = req.app.locals.labels;
  const { key, value } = req.body;
  labels[key] = value;
  res.status(204).end();
});

router.put('/badges', (req, res) => {
  const badges = new Map();
  badges.set(req.body.key, String(req.body.value));
  res.json({ size: badges.size });
});

router.post('/household', (req, res) => {
  const household = req.app.locals.households.current;
  Object.assign(household, req.body);
  res.status(204).end();
});

router.post('/shop', (req, res) => {
  req.session.shop = req.body.shop;
  res.status(204).end();
});

router.post('/language', (req, res) => {
  req.session.language = req.body.language === 'fr' ? 'fr' : 'de';
  res.status(204).end();
});

module.exports = { router, client, archive };
