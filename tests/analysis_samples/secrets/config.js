const config = {
  dbPassword: 'tR5!wq90Zk',
  apiSecret: process.env.API_SECRET,
  sessionSecret: 'keyboard cat secret',
  tokenType: 'Bearer',
  passwordPlaceholder: 'Enter your passw0rd',
  messages: { password: 'required', token: 'auth.token.invalid1' },
};
// const password = 'old1Passw0rd';
const key = '-----BEGIN PUBLIC KEY-----';
module.exports = config;
