import { readFileSync } from 'node:fs';
import https from 'node:https';
import got from 'got';
import fetch from 'node-fetch';
import superagent from 'superagent';
import { Agent, request, setGlobalDispatcher } from 'undici';

const CARRIERS = Object.freeze({
  rail: 'https://rail.kurier.example/api',
  road: 'https://road.kurier.example/api',
});
const DEPOT = 'http://depot.kurier.example/api/slots';
const IMAGE_HOSTS = ['img.kurier.example', 'cdn.kurier.example'];
const SIX_MINUTES = 6 * 60 * 1000;

setGlobalDispatcher(new Agent({ connect: { timeout: 5000 }, headersTimeout: 10_000, bodyTimeout: 10_000 }));

const looseDispatcher = new Agent({
  connect: { rejectUnauthorized: false, timeout: 5000 },
  headersTimeout: 10_000,
  bodyTimeout: 10_000,
});

const rail = got.extend({
  prefixUrl: CARRIERS.rail,
  timeout: { request: 9000 },
  retry: { limit: 3 },
  https: { certificateAuthority: readFileSync('/etc/courier/rail-ca.pem', 'utf8') },
});

const road = got.extend({
  prefixUrl: CARRIERS.road,
  timeout: { request: 9000 },
  retry: { limit: 3 },
  https: { rejectUnauthorized: false },
});

const night = got.extend({
  prefixUrl: CARRIERS.road,
  timeout: { request: 9000 },
  retry: {
    limit: Infinity,
    methods: ['GET'],
  },
});

const pinnedAgent = new https.Agent({ maxSockets: 10, minVersion: 'TLSv1.2' });
const namelessAgent = new https.Agent({
  maxSockets: 10,
  checkServerIdentity() {
    return undefined;
  },
});

export async function railSlots(day) {
  return rail.get('slots', { searchParams: { day } }).json();
}

export async function roadSlots(day) {
  return road.get('slots', { searchParams: { day } }).json();
}

export async function nightSlots() {
  return night.get('night-slots').json();
}

export async function oneOffSlots() {
  return got('https://oneoff.kurier.example/slots').json();
}

export async function depotSlots() {
  const response = await fetch(DEPOT, { signal: AbortSignal.timeout(5000) });
  return response.json();
}

export async function customsSlots() {
  const response = await fetch('https://zoll.kurier.example/slots', {
    agent: pinnedAgent,
    signal: AbortSignal.timeout(5000),
  });
  return response.json();
}

export async function borderSlots() {
  const response = await fetch('https://grenze.kurier.example/slots', {
    agent: namelessAgent,
    signal: AbortSignal.timeout(5000),
  });
  return response.json();
}

export async function storeSlots() {
  const { body } = await request('https://store.kurier.example/slots', { dispatcher: looseDispatcher });
  return body.json();
}

export async function priceList() {
  const answer = await superagent.get('https://preise.kurier.example/list').timeout({ response: 4000, deadline: 9000 });
  return answer.body;
}

export async function slowPriceList() {
  const answer = await superagent
    .get('https://preise.kurier.example/archive')
    .timeout({ response: SIX_MINUTES, deadline: SIX_MINUTES });
  return answer.body;
}

export async function trackedList(accessToken) {
  const answer = await superagent
    .get('https://tracking.kurier.example/list')
    .query({ page: 1 })
    .set('Authorization', `Bearer ${accessToken}`)
    .timeout(5000);
  return answer.body;
}

export async function trackedCount(accessToken) {
  const response = await fetch(`https://tracking.kurier.example/count?access_token=${accessToken}`, { signal: AbortSignal.timeout(5000) });
  return response.json();
}

/** @param {import('express').Router} router */
export function mount(router) {
  router.get('/image', async (req, res) => {
    const { body } = await request(req.query.url, { method: 'GET' });
    body.pipe(res.type('image/png'));
  });

  router.get('/thumbnail', async (req, res) => {
    let target;
    try {
      target = new URL(String(req.query.url));
    } catch {
      return res.status(400).end();
    }
    if (target.protocol !== 'https:' || !IMAGE_HOSTS.includes(target.hostname)) {
      return res.status(400).end();
    }
    const { body } = await request(target, { method: 'GET' });
    return body.pipe(res.type('image/png'));
  });

  router.get('/carriers/:name/status', async (req, res) => {
    const base = req.params.name === 'rail' ? CARRIERS.rail : CARRIERS.road;
    const status = await got(`${base}/status`, { timeout: { request: 4000 } }).json();
    res.json({ up: status.up === true });
  });

  router.get('/depots/:host/status', async (req, res) => {
    const host = req.params.host;
    const status = await got(`https://${host}/status`, { timeout: { request: 4000 } }).json();
    res.json({ up: status.up === true });
  });

  router.get('/parcels/:id/status', async (req, res) => {
    const id = Number(req.params.id);
    const status = await rail.get(`parcels/${id}`).json();
    res.json({ state: status.state });
  });
}
