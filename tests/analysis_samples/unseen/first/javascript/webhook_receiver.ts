import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import axios, { AxiosInstance } from 'axios';
import { Router, raw, json, Request, Response, NextFunction } from 'express';
import winston from 'winston';

const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  transports: [new winston.transports.Console()],
});

const SECRET = process.env.HOOK_SECRET as string;
const LIMIT = 512 * 1024;
const RELAYS: ReadonlyMap<string, string> = new Map([
  ['harbour', 'https://hooks.harbour.example/in'],
  ['customs', 'https://hooks.customs.example/v2/in'],
]);

const outbound: AxiosInstance = axios.create({ timeout: 6000, maxRedirects: 0 });

function expectedSignature(payload: Buffer): string {
  return createHmac('sha256', SECRET).update(payload).digest('hex');
}

function sameSignature(given: string, payload: Buffer): boolean {
  const left = Buffer.from(given, 'hex');
  const right = Buffer.from(expectedSignature(payload), 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}

function requireSignature(req: Request, res: Response, next: NextFunction): void {
  if (!sameSignature(String(req.get('x-hook-signature')), req.body as Buffer)) {
    res.status(401).end();
    return;
  }
  next();
}

function requireLegacySignature(req: Request, res: Response, next: NextFunction): void {
  const signature = req.get('x-legacy-signature');
  const expected = expectedSignature(req.body as Buffer);
  if (signature === expected) {
    next();
    return;
  }
  res.status(401).end();
}

export const hooks = Router();

hooks.post('/harbour', raw({ type: '*/*', limit: LIMIT }), requireSignature, async (req, res) => {
  const event = JSON.parse((req.body as Buffer).toString('utf8'));
  if (event.kind === 'berth-freed') {
    logger.info('berth freed', { berth: event.berth });
  }
  await outbound.post(RELAYS.get('harbour') as string, { kind: 'ack' });
  res.status(202).end();
});

hooks.post('/legacy', raw({ type: '*/*', limit: LIMIT }), requireLegacySignature, (_req, res) => {
  res.status(202).end();
});

hooks.post('/subscriptions/probe', json({ limit: '10kb' }), async (req, res) => {
  const callback: string = req.body.callback;
  const answer = await outbound.get(callback, { validateStatus: () => true });
  res.json({ status: answer.status });
});

hooks.post('/relay/:name', json({ limit: '10kb' }), async (req, res) => {
  const target = RELAYS.get(req.params.name);
  if (target === undefined) {
    res.status(404).end();
    return;
  }
  const answer = await outbound.post(target, { ship: String(req.body.ship) });
  res.json({ status: answer.status });
});

hooks.get('/manifest', async (req, res) => {
  const region = req.query.region as string;
  const endpoint = `https://${region}.manifests.example/today`;
  const { data } = await outbound({ method: 'get', url: endpoint });
  res.json({ lines: data.lines });
});

hooks.get('/tides', async (req, res) => {
  const days = Math.min(7, Number(req.query.days) || 1);
  const { data } = await outbound.get('https://tides.harbour.example/forecast', { params: { days } });
  res.json({ heights: data.heights });
});

export function rawIntake(deliver: (body: string) => void): http.RequestListener {
  return (req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    req.on('end', () => {
      deliver(body);
      res.writeHead(202).end();
    });
  };
}

export function boundedIntake(deliver: (body: Buffer) => void): http.RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMIT) {
        res.writeHead(413).end();
        req.destroy();
        return;
      }
      chunks.push(chunk);
    });
    req.on('end', () => {
      deliver(Buffer.concat(chunks));
      res.writeHead(202).end();
    });
  };
}

export function announce(port: number): void {
  logger.info('receiver ready', { port, relays: [...RELAYS.keys()] });
  logger.debug(`receiver uses hook secret ${SECRET}`);
  logger.debug('hook secret is configured', { length: SECRET.length });
}
