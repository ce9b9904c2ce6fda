import { createCipheriv, randomBytes } from 'node:crypto';
import nodemailer from 'nodemailer';
import pg from 'pg';

const CHANNEL = 'CXSQOGF4K7R';
const WEBHOOK = 'https://hooks.slack.com/services/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';
const DOC_WEBHOOK = 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';
const integrity = 'sha512-CrJPbvL3OujkvmM3a2ywsrUXqFc41xeVAN/LSnfL41LwX1c82WlIKgqhmRdvhjJjhpPBvpypX5QpEba/01Hyex==';
const paymentsPublishable = 'pk_live_687nhZnEGwst7Xcg3RuDoPnB';
const passwordPattern = '^(?=.*[A-Z])(?=.*[0-9]).{12,}$';

export const labels = {
  password: 'Passwort',
  secretQuestion: 'Geheime Frage',
  token: 'Zugangscode',
};

const credentials = {
  payments: process.env.PAYMENTS_KEY ?? 'sk_live_MrQbvwLztEEFUzCk0HAL49aTYhNPk1bw',
  mail: process.env.MAIL_KEY ?? '',
  maps: process.env.MAPS_KEY,
  chat: 'xoxb-856395575875-0223934454725-SliSvA4ftQkuJZR4UqzvLHLK',
  chatDocs: 'xoxb-your-token-here',
};

const mailer = nodemailer.createTransport({
  host: 'smtp.ticketdesk.example',
  port: 465,
  secure: true,
  auth: {
    user: 'apikey',
    pass: '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',
  },
});

const reportMailer = nodemailer.createTransport({
  host: 'smtp.reports.example',
  port: 465,
  secure: true,
  auth: { user: 'reports', pass: process.env.REPORTS_SMTP_PASSWORD },
});

const pool = new pg.Pool({
  host: 'pg.internal',
  user: 'notifier',
  password: 'M0rgen-Tau-flieht',
  max: 5,
  connectionTimeoutMillis: 3000,
  ssl: { rejectUnauthorized: true },
});

export async function announce(text) {
  const res = await fetch(WEBHOOK, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ channel: CHANNEL, text }),
    signal: AbortSignal.timeout(5000),
  });
  return res.ok;
}

export function sealTicket(plain) {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from('0a3fa5db33795664c5c7dd35716976c1875bc00a051be2fec8418c4017ebe575', 'hex'), iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function sealWithEnvKey(plain) {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(process.env.TICKET_KEY, 'hex'), iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export async function mailDigest(to, lines) {
  await mailer.sendMail({ from: 'desk@ticketdesk.example', to, subject: 'Digest', text: lines.join('\n') });
  await reportMailer.sendMail({ from: 'desk@reports.example', to, subject: 'Digest', text: integrity });
  return pool.query('INSERT INTO digests (recipient) VALUES ($1)', [to]);
}

export const meta = { passwordPattern, paymentsPublishable, DOC_WEBHOOK, build: 'b60eb0c467ce7c3fbef4fb063eed5e33c4f90dfc', has: Object.keys(credentials) };
