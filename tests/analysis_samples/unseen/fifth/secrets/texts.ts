/** Texts, field names and sample values of the sign-in pages. */
export const fields = {
  password: 'password',
  passwordConfirmation: 'password_confirmation',
  accessToken: 'access_token',
  clientSecret: 'client_secret',
  apiKey: 'apiKey',
} as const;

export const en = {
  password: 'Password',
  newPassword: 'New password',
  forgotPassword: 'Forgot your password?',
  secret: 'Secret answer',
  token: 'Paste the token from your mail',
  apiKeyHelp: 'An API key starts with mill_ and has forty characters',
  passwordChanged: 'Your password was changed',
};

export const de: typeof en = {
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  forgotPassword: 'Passwort vergessen?',
  secret: 'Geheime Antwort',
  token: 'Bitte den Code aus der E-Mail eingeben',
  apiKeyHelp: 'Ein Schlüssel beginnt mit mill_ und hat vierzig Zeichen',
  passwordChanged: 'Das Passwort wurde geändert',
};

export const samples = {
  apiKey: 'mill_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  token: '<token>',
  password: '••••••••',
  secret: 'YOUR_CLIENT_SECRET',
  github: 'ghp_000000000000000000000000000000000000',
  aws: 'AKIAIOSFODNN7EXAMPLE',
  url: 'https://user:password@host.example/path',
  pem: '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
};

export const selectors = {
  password: 'input[type="password"]',
  tokenField: '#token-field',
  secretToggle: '.secret-toggle',
};

export const routes = {
  passwordReset: '/password/reset',
  token: '/oauth/token',
  secrets: '/account/secrets',
};

export const ids = {
  mill: 'ebbd33ad-4b42-4501-afb4-62f60e2a1f3a',
  miller: '90f59586-59cd-44ab-a56e-dc692915c212',
  assetHash: 'e0a7e9f03c44efd5c7224c8865716191',
  commit: '7de894d41eb850fdde424a9c4cc37b1c6ef9f52c',
  bundle: 'sha256-vHbcmflL6/r7rEsGqp1EXQFVkyp8osjGO70PtEKPUQ2=',
};

export const logo = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==';
export const stripePublishable = 'pk_live_51CabsuDEvZZ1sggrmkOWfDBJAANLqD5pLWujLsub6ebJsOUNkl6OxZllP4KvT734YHYmxfAuDPsthFCGE1q9fLakiIXuxblgPf';
export const vapidPublicKey = 'BEl62iUYgUivxIkv69yViEuiBIa40HI80NM9LCjVeZwhAyJwZqfFp0hGEDa6Zc4uVXkOdGp5hRUsnQ2mXo7JrTY';

export const settings = {
  password: process.env.MILL_PASSWORD ?? '',
  token: process.env['MILL_TOKEN'],
  secret: undefined as string | undefined,
  passwordMinLength: 12,
  tokenTtlSeconds: 900,
  cookieSecretName: 'mill-cookie',
};

export function isPasswordField(name: string): boolean {
  return name === 'password' || name === 'password_confirmation';
}

export function tokenType(token: string): 'jwt' | 'opaque' {
  return token.startsWith('eyJ') ? 'jwt' : 'opaque';
}
