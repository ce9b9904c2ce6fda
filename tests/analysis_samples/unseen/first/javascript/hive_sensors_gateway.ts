import * as fs from 'node:fs';
import * as https from 'node:https';
import * as tls from 'node:tls';
import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface Reading {
  hive: string;
  grams: number;
  celsius: number;
}

const CERT_DIR = process.env.HIVE_CERT_DIR ?? '/etc/hive-gateway';
const LEGACY_CIPHERS = ['ECDHE-RSA-AES128-GCM-SHA256', 'DES-CBC3-SHA'].join(':');
const MODERN_CIPHERS = 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384:!aNULL:!eNULL:!RC4:!3DES:!MD5';
const VERIFY = true;

const identity = {
  key: fs.readFileSync(`${CERT_DIR}/gateway.key`),
  cert: fs.readFileSync(`${CERT_DIR}/gateway.crt`),
};

function handle(_req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(204);
  res.end();
}

export const publicServer = https.createServer(
  { ...identity, minVersion: 'TLSv1.2', ciphers: MODERN_CIPHERS, honorCipherOrder: true },
  handle,
);

export const scaleServer = https.createServer(
  {
    ...identity,
    minVersion: 'TLSv1',
    ciphers: LEGACY_CIPHERS,
  },
  handle,
);

export const cameraServer = https.createServer(
  {
    ...identity,
    secureOptions: constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    sigalgs: 'RSA+SHA1:ECDSA+SHA256',
  },
  handle,
);

const strictAgent = new https.Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: VERIFY });

class ApiaryLink {
  private readonly options: https.AgentOptions;

  constructor(private readonly host: string) {
    this.options = { keepAlive: true, maxSockets: 4 };
    this.options.rejectUnauthorized = false;
  }

  agent(): https.Agent {
    return new https.Agent(this.options);
  }

  send(reading: Reading): Promise<number> {
    const body = JSON.stringify(reading);
    return new Promise((resolve, reject) => {
      const req = https.request(
        { host: this.host, path: '/readings', method: 'POST', agent: this.agent(), timeout: 8000 },
        (res) => {
          res.resume();
          resolve(res.statusCode ?? 0);
        },
      );
      req.on('timeout', () => req.destroy(new Error('apiary link timed out')));
      req.on('error', reject);
      req.end(body);
    });
  }
}

export function fetchWeather(station: 'north' | 'south'): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = https.get(
      `https://weather.apiary.example/${station}`,
      { agent: strictAgent, timeout: 5000 },
      (res) => resolve(res.statusCode ?? 0),
    );
    req.on('timeout', () => req.destroy());
    req.on('error', reject);
  });
}

export function openSupervisor(host: string): tls.TLSSocket {
  const socket = tls.connect({
    host,
    port: 8883,
    servername: host,
    ca: fs.readFileSync(`${CERT_DIR}/supervisor-ca.pem`),
    checkServerIdentity: () => undefined,
    timeout: 10_000,
  });
  socket.on('timeout', () => socket.destroy());
  return socket;
}

export function openArchive(host: string): tls.TLSSocket {
  const socket = tls.connect({
    host,
    port: 8884,
    servername: host,
    minVersion: 'TLSv1.3',
    checkServerIdentity: (name, cert) => {
      const problem = tls.checkServerIdentity(name, cert);
      if (problem) return problem;
      return cert.subject.O === 'Hive Archive' ? undefined : new Error('unexpected organisation');
    },
    timeout: 10_000,
  });
  socket.on('timeout', () => socket.destroy());
  return socket;
}

export function start(): void {
  publicServer.listen(8443, '127.0.0.1');
  scaleServer.listen(8444, '10.20.0.4');
  cameraServer.listen({ port: 8445, host: '0.0.0.0' });
  scaleServer.requestTimeout = 0;
  publicServer.requestTimeout = 20_000;
}

export { ApiaryLink };
