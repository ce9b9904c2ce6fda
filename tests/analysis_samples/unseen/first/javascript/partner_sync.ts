import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { AxiosError } from 'axios';
import axiosRetry from 'axios-retry';
import { readFileSync } from 'node:fs';

type Order = { id: number; wagon: string; tonnes: number };

interface PartnerSettings {
  base: string;
  user: string;
  password: string;
}

const BASE = 'https://api.guterzug.example/v3';
const PLAIN_BASE = 'http://yard.guterzug.example/v1';
const XML_NAMESPACE = 'http://schemas.guterzug.example/orders/2019';
const LOCAL_SIDECAR = 'http://127.0.0.1:9411/spans';

const partners: Record<string, PartnerSettings> = {
  north: { base: BASE, user: 'sync-north', password: process.env.NORTH_PASSWORD ?? '' },
  south: {
    base: BASE,
    user: 'sync-south',
    password: 'Kx7!rangierbahnhof#52',
  },
};

const settingsHelp = {
  password: 'The password that the partner sent by letter',
  passwordField: 'password',
};

const verified = axios.create({
  baseURL: BASE,
  timeout: 10_000,
  httpsAgent: new https.Agent({ ca: readFileSync('/etc/sync/partner-ca.pem'), maxSockets: 6 }),
});

const lenient = axios.create({
  baseURL: BASE,
  timeout: 10_000,
  httpsAgent: new https.Agent({ rejectUnauthorized: false, maxSockets: 6 }),
});

const patient = axios.create({ baseURL: BASE });
patient.defaults.timeout = 7000;
const slow = axios.create({
  baseURL: BASE,
  timeout: 15 * 60 * 1000,
});

axiosRetry(verified, { retries: 4, retryDelay: axiosRetry.exponentialDelay });
axiosRetry(lenient, {
  retries: Number.POSITIVE_INFINITY,
  retryDelay: axiosRetry.exponentialDelay,
});

export async function fetchOrders(): Promise<Order[]> {
  const { data } = await verified.get<Order[]>('/orders', { params: { open: true } });
  return data;
}

export async function fetchReleases(): Promise<Order[]> {
  const { data } = await lenient.get<Order[]>('/releases');
  return data;
}

export async function fetchWagons(): Promise<Order[]> {
  const { data } = await axios.get<Order[]>(`${PLAIN_BASE}/wagons`, { timeout: 8000 });
  return data;
}

export async function fetchTimetable(): Promise<unknown> {
  const { data } = await axios.get('https://timetable.guterzug.example/today');
  return data;
}

export async function fetchHistory(): Promise<unknown> {
  const [brief, full] = await Promise.all([
    patient.get('/history/brief'),
    slow.get('/history/full'),
  ]);
  return { brief: brief.data, full: full.data };
}

export async function fetchRates(apiKey: string): Promise<unknown> {
  const { data } = await axios.get(`https://rates.guterzug.example/list?api_key=${apiKey}`, { timeout: 5000 });
  return data;
}

export async function fetchFuel(apiKey: string): Promise<unknown> {
  const { data } = await axios.get('https://fuel.guterzug.example/list', {
    timeout: 5000,
    headers: { Authorization: `Bearer ${apiKey}` },
    params: { token_count: 5 },
  });
  return data;
}

export async function reportSpan(name: string): Promise<void> {
  await axios.post(LOCAL_SIDECAR, { name }, { timeout: 500 });
}

export async function pushUntilAccepted(order: Order): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await verified.post('/orders', order);
      return;
    } catch (err) {
      const status = (err as AxiosError).response?.status;
      if (status !== undefined && status < 500) throw err;
      await sleep(250 * 2 ** attempt + Math.random() * 100);
    }
  }
  throw new Error(`order ${order.id} was not accepted`);
}

export async function pushManifest(manifest: string): Promise<void> {
  while (true) {
    try {
      await verified.post('/manifest', manifest, { headers: { 'Content-Type': XML_NAMESPACE } });
      return;
    } catch (err) {
      console.warn('manifest not accepted yet', (err as AxiosError).code);
    }
  }
}

export async function signIn(name: keyof typeof partners): Promise<string> {
  const settings = partners[name];
  const { data } = await verified.post('/session', { user: settings.user, password: settings.password });
  console.info('signed in to %s', settings.base);
  return data.session;
}

export async function signInToYard(): Promise<string> {
  const credentials = { username: 'admin', password: 'admin' };
  const { data } = await axios.post('https://yard.guterzug.example/session', credentials, { timeout: 5000 });
  return data.session;
}

export { settingsHelp };
