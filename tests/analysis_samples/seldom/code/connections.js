'use strict';
// Everything that the counter talks to, and how.
const tls = require('tls');
const https = require('https');
const { constants } = require('crypto');
const { spawn, exec, execFile } = require('child_process');
const Docker = require('dockerode');

function toTheGateway() {
  return tls.connect({ host: 'gate.example.org', port: 443, rejectUnauthorized: true, sigalgs: 'ed25519:rsa_pss_rsae_sha256' });
}

function toTheScales() {
  return tls.connect({
    host: '10.4.0.7',
    port: 443,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    sigalgs: 'RSA+SHA1:ECDSA+SHA1',
    secureOptions: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  });
}

function toThePrinters() {
  return https.request({
    host: '10.4.0.9',
    agent: new https.Agent({ rejectUnauthorized: false }),
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    sigalgs: 'rsa_pkcs1_sha1',
  });
}

function toTheArchive() {
  return tls.connect(443, 'archive.example.org', {
    secureOptions: constants.SSL_OP_NO_COMPRESSION,
    sigalgs: 'ecdsa_secp256r1_sha256',
    checkServerIdentity: (host, certificate) => tls.checkServerIdentity('archive.example.org', certificate),
  });
}

function toTheKiosk() {
  return new https.Agent({ rejectUnauthorized: true, checkServerIdentity: function () { return null; } });
}

function labels(file) {
  spawn('curl', ['--fail', '--max-time', '20', '-o', file, 'https://labels.example.org/a6']);
  spawn('curl', ['--insecure', '--max-time', '20', '-o', file, 'https://10.4.0.9/a6']);
  execFile('wget', ['--no-check-certificate', '-T', '20', 'https://10.4.0.9/a5']);
  execFile('wget', ['-T', '20', 'https://labels.example.org/a5']);
}

function ship(file) {
  execFile('scp', ['-o', 'StrictHostKeyChecking=yes', file, 'depot.example.org:/in/']);
  execFile('scp', ['-o', 'StrictHostKeyChecking=no', file, 'scales.example.org:/in/']);
  spawn('ssh', ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', 'scales.example.org', 'ls']);
  spawn('ssh', ['-o', 'StrictHostKeyChecking=accept-new', 'depot.example.org', 'ls']);
  exec('ssh -o StrictHostKeyChecking=no printers.example.org lpstat');
}

function sandboxes() {
  spawn('docker', ['run', '--rm', '--cap-drop=ALL', '--security-opt=no-new-privileges', 'weigh:1.4']);
  spawn('docker', ['run', '--rm', '--privileged', 'weigh:1.4']);
  spawn('docker', ['run', '--rm', '-v', '/var/run/docker.sock:/var/run/docker.sock', 'weigh:1.4']);
  execFile('docker', ['run', '--privileged=true', 'print:2.0']);
  execFile('docker', ['run', '-v', '/srv/labels:/labels:ro', 'print:2.0']);
  exec('docker run --privileged -v /run/docker.sock:/run/docker.sock print:2.0');
}

const docker = new Docker();

async function throughTheEngine() {
  await docker.createContainer({ Image: 'weigh:1.4', HostConfig: { Privileged: false, Binds: ['/srv/in:/in:ro'] } });
  await docker.createContainer({ Image: 'weigh:1.4', HostConfig: { Privileged: true } });
  await docker.createContainer({ Image: 'weigh:1.4', HostConfig: { Binds: ['/var/run/docker.sock:/var/run/docker.sock'] } });
}

module.exports = { toTheGateway, toTheScales, toThePrinters, toTheArchive, toTheKiosk, labels, ship, sandboxes, throughTheEngine };
