'use strict';
// Messages of the volunteer fire brigade roster.
const { setTimeout: sleep } = require('node:timers/promises');

const SLACK_WEBHOOK = 'https://hooks.slack.com/services/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';
const TEAMS_WEBHOOK = process.env.TEAMS_WEBHOOK_URL;
const SLACK_DOC = 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';

const SETTINGS = {
  mail: {
    host: 'mail.wehr.example',
    secure: true,
    auth: {
      user: 'alarm@wehr.example',
      pass: 'Blaulicht112',
    },
  },
  sms: {
    accountSid: 'AC42eb2ca7106ac49c2ff412ca8794af68',
    authToken: '32d2d95cdb581a1b68b46cdcbc1222b6',
  },
  push: {
    apiKey: process.env.PUSH_API_KEY,
    secretName: 'push/api-key',
  },
  pager: {
    token: process.env.PAGER_TOKEN || 'w1ZP1FkFqwJWYVFEl7wR22q9qOftC8YhaAL6',
    tokenHeader: 'X-Pager-Token',
  },
  radio: {
    password: process.env.RADIO_PASSWORD ?? '',
    passwordField: 'radio_password',
  },
};

const MESSAGES = {
  passwordWrong: 'Das Passwort stimmt nicht.',
  passwordReset: 'Passwort vergessen?',
  tokenExpired: 'Sitzung abgelaufen, bitte neu anmelden.',
  apiKeyMissing: 'Kein API-Schlüssel hinterlegt',
};

const SELECTORS = {
  password: 'input[name="password"]',
  token: '#csrf-token',
  secret: '.field--secret',
};

function redact(settings) {
  return JSON.stringify(settings, (key, value) =>
    /pass|token|secret|key/i.test(key) ? '********' : value);
}

async function post(url, body) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(8000),
    });
    if (reply.ok) return true;
    await sleep(2 ** attempt * 500);
  }
  return false;
}

async function alarm(text) {
  await post(SLACK_WEBHOOK, { text });
  if (TEAMS_WEBHOOK) await post(TEAMS_WEBHOOK, { text });
}

async function telegram(chat, text) {
  const bot = '1205523771:AA7qSPJB2a2tyhBvLVw5V9PGrq4kVvlOkAP';
  return { bot: bot.length, chat, text };
}

module.exports = { alarm, telegram, redact, SETTINGS, MESSAGES, SELECTORS, SLACK_DOC };
