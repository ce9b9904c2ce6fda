'use strict';
const crypto = require('crypto');
const tls = require('tls');
const fs = require('fs');
const { execFile, execSync } = require('child_process');
const Docker = require('dockerode');
const { parseXml } = require('libxmljs');
const { XmlDocument, ParseOption } = require('libxml2-wasm');
const libxmljs2 = require('libxmljs2');

const engine = new Docker({ socketPath: '/var/run/docker.sock' });

function turnstile() {
  return tls.createServer({ key: fs.readFileSync('/etc/gate/key.pem'), sigalgs: 'ECDSA+SHA1', secureOptions: crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT });
}

function door() {
  return tls.createServer({ key: fs.readFileSync('/etc/gate/key.pem'), sigalgs: 'ecdsa_secp384r1_sha384', secureOptions: crypto.constants.SSL_OP_NO_RENEGOTIATION });
}

function lift() {
  const secureOptions = crypto.constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | crypto.constants.SSL_OP_NO_COMPRESSION;
  return tls.connect(443, 'lift.example.org', { secureOptions });
}

function waybill(text) {
  return parseXml(text, { noent: true });
}

function customs(buffer) {
  return XmlDocument.fromBuffer(buffer, { option: ParseOption.XML_PARSE_NOENT | ParseOption.XML_PARSE_NONET });
}

async function manifest(text) {
  const options = { noent: true, nonet: true };
  return libxmljs2.parseXmlAsync(text, options);
}

async function invoice(text) {
  const options = { noent: false, nonet: true };
  return libxmljs2.parseXmlAsync(text, options);
}

function helpers() {
  execFile('docker', ['run', '-v', '/var/run/docker.sock:/var/run/docker.sock:ro', 'watch:1.0']);
  execSync('docker run --rm -v /var/run/docker.sock:/var/run/docker.sock clean:3.2');
  execFile('docker', ['run', '--mount', 'type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock', 'watch:1.0']);
  execFile('docker', ['run', '-v', '/srv/watch:/watch', 'watch:1.0']);
  return engine.createContainer({ Image: 'watch:1.0', HostConfig: { Binds: ['/run/docker.sock:/run/docker.sock'] } });
}

module.exports = { turnstile, door, lift, waybill, customs, manifest, invoice, helpers };

exports.brakes = () => tls.createSecureContext({ secureOptions: crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT });

exports.ledger = (text) => XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NOENT | ParseOption.XML_PARSE_DTDLOAD });

exports.bill = (text) => libxmljs2.parseXmlAsync(text, { noent: true, huge: false });

exports.sweep = () => execSync('docker run -d -v /var/run/docker.sock:/var/run/docker.sock sweep:0.9');
