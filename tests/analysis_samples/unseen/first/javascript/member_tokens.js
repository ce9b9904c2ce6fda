const { readFileSync } = require('fs');
const { randomUUID } = require('crypto');
const jwt = require('jsonwebtoken');
const { verify: check, sign } = require('jsonwebtoken');

const ISSUER = 'https://id.ruderclub.example';
const AUDIENCE = 'boathouse';
const publicKey = readFileSync('/etc/boathouse/jwt.pub', 'utf8');
const privateKey = readFileSync(process.env.JWT_PRIVATE_KEY_FILE, 'utf8');

const STRICT = { algorithms: ['RS256'], issuer: ISSUER, audience: AUDIENCE };
const WITHOUT_EXPIRY = { ...STRICT, ignoreExpiration: true };

function bearer(req) {
  const header = req.headers.authorization || '';
  return header.startsWith('Bearer ') ? header.slice(7) : null;
}

function issueAccess(member) {
  return jwt.sign({ sub: member.id, jti: randomUUID() }, privateKey, {
    algorithm: 'RS256',
    issuer: ISSUER,
    audience: AUDIENCE,
    expiresIn: '15m',
  });
}

function issueRefresh(member) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: member.id, iat: now, exp: now + 8 * 3600, iss: ISSUER, aud: AUDIENCE };
  return sign(claims, privateKey, { algorithm: 'RS256' });
}

function issueKioskPass(kiosk) {
  return sign({ sub: kiosk, iss: ISSUER, aud: 'kiosk' }, privateKey, { algorithm: 'RS256' });
}

function issueGuestPass(name) {
  return jwt.sign({ sub: name }, 'oarlock-7Qm2', { expiresIn: '2h', issuer: ISSUER, audience: 'guest' });
}

function requireMember(req, res, next) {
  const token = bearer(req);
  if (!token) {
    return res.status(401).json({ error: 'token missing' });
  }
  try {
    req.member = jwt.verify(token, publicKey, STRICT);
    return next();
  } catch (err) {
    return res.status(401).json({ error: 'token refused' });
  }
}

function requireCoach(req, res, next) {
  const token = bearer(req);
  check(token, publicKey, { algorithms: ['RS256', 'RS512'], issuer: ISSUER, audience: AUDIENCE }, (err, claims) => {
    if (err || claims.role !== 'coach') {
      return res.status(403).json({ error: 'coaches only' });
    }
    req.member = claims;
    return next();
  });
}

function requireTrainer(req, res, next) {
  try {
    req.member = check(bearer(req), publicKey, { issuer: ISSUER, audience: AUDIENCE });
    next();
  } catch {
    res.status(401).end();
  }
}

function requireScanner(req, res, next) {
  try {
    req.scanner = jwt.verify(bearer(req), publicKey, WITHOUT_EXPIRY);
    next();
  } catch {
    res.status(401).end();
  }
}

function requireRegatta(req, res, next) {
  const options = {
    algorithms: ['HS256', 'RS256'],
    issuer: ISSUER,
    audience: 'regatta',
  };
  try {
    req.regatta = jwt.verify(bearer(req), publicKey, options);
    next();
  } catch {
    res.status(401).end();
  }
}

function requireLobbyScreen(req, res, next) {
  try {
    req.screen = jwt.verify(bearer(req), publicKey, {
      algorithms: ['RS256', 'none'],
      issuer: ISSUER,
      audience: 'lobby',
    });
    next();
  } catch {
    res.status(401).end();
  }
}

function requireTimekeeper(req, res, next) {
  const claims = jwt.decode(bearer(req));
  if (!claims || claims.role !== 'timekeeper') {
    return res.status(403).end();
  }
  req.member = claims;
  return next();
}

function describeOwnToken(member) {
  const fresh = issueAccess(member);
  const { exp } = jwt.decode(fresh);
  return { token: fresh, renewAt: exp - 60 };
}

function requirePartner(req, res, next) {
  try {
    req.partner = jwt.verify(bearer(req), publicKey, { algorithms: ['RS256'], issuer: ISSUER });
    next();
  } catch {
    res.status(401).end();
  }
}

function requireNeighbourClub(req, res, next) {
  try {
    req.club = jwt.verify(bearer(req), publicKey, { algorithms: ['RS256'], audience: 'clubs' });
    next();
  } catch {
    res.status(401).end();
  }
}

module.exports = {
  issueAccess,
  issueRefresh,
  issueKioskPass,
  issueGuestPass,
  describeOwnToken,
  requireMember,
  requireCoach,
  requireTrainer,
  requireScanner,
  requireRegatta,
  requireLobbyScreen,
  requireTimekeeper,
  requirePartner,
  requireNeighbourClub,
};
