/** Catalogue crawler of the antiquarian book union. */
const path = require('path');

const secretsDir = '/run/secrets';
const basicAuth = 'Basic ' + Buffer.from('crawler:' + process.env.CRAWLER_PASSWORD).toString('base64');

module.exports = {
  name: 'crawler',
  revision: 'd420a52bceae6a49455c399140965b1ef8184309',
  passwordFile: path.join(secretsDir, 'crawler_password'),
  passwordSelector: 'form#login input[type=password]',
  tokenPattern: /[?&]token=[A-Za-z0-9_-]{20,}/,
  secretKeyRef: { name: 'crawler', key: 'signing' },
  credentials: {
    zvab: { user: 'union', password: 'Erstausgabe1899' },
    abe: { user: 'union', password: process.env.ABE_PASSWORD },
    eurobuch: { user: 'union', password: '' },
    booklooker: { apiKey: '654c397dde15540a2d3e7dcc36ea627e' },
  },
  headers: {
    'X-Api-Key': process.env.UNION_API_KEY,
    Authorization: basicAuth,
  },
  proxy: 'https://union:1nKXi5HsIgFqToxPsc@proxy.union.example:8443',
  fallbackProxy: 'https://proxy.union.example:8443',
  shopify: {
    shop: 'union-books',
    accessToken: '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',
    storefrontTokenEnv: 'STOREFRONT_TOKEN',
  },
  texts: {
    passwordExpired: 'Passwort abgelaufen',
    tokenRefreshed: 'Token erneuert',
  },
  ignore: ['password', 'secret', 'token'],
};
