#!/usr/bin/env node
import { execFileSync, execSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const DATABASE_HOST = process.env.ORCHARD_DB ?? 'db.obsthof.example';
const PG_HBA = '/etc/postgresql/16/main/pg_hba.conf';
const KNOWN_HOSTS = '/etc/orchard/known_hosts';
const SETUP = 'https://get.obsthof.example/agent.sh';
const AGENT_SHA256 = process.env.AGENT_SHA256;

const HELP = `
usage: nightly_maintenance.mjs [step]
Do not run "curl ... | sh" by hand, use the step "agent".
`;

function log(text) {
  console.log(`${new Date().toISOString()} ${text}`);
}

process.umask(0o027);

function dumpOrders() {
  const dir = mkdtempSync(join(tmpdir(), 'orchard-'));
  const target = join(dir, 'orders.dump');
  execFileSync('pg_dump', ['--format=custom', `--file=${target}`, 'orders'], {
    env: { ...process.env, PGHOST: DATABASE_HOST, PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/etc/orchard/ca.pem' },
  });
  return target;
}

function dumpHarvest() {
  const dir = mkdtempSync(join(tmpdir(), 'orchard-'));
  const target = join(dir, 'harvest.dump');
  const env = {
    ...process.env,
    PGHOST: DATABASE_HOST,
    PGSSLMODE: 'require',
  };
  execFileSync('pg_dump', ['--format=custom', `--file=${target}`, 'harvest'], { env });
  return target;
}

function copyToVault(file) {
  const options = ['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${KNOWN_HOSTS}`];
  execFileSync('scp', [...options, file, 'vault.obsthof.example:/backup/']);
}

function copyToBarn(file) {
  execFileSync('scp', ['-o', 'StrictHostKeyChecking=no', file, 'barn.obsthof.example:/backup/']);
}

function installAgent() {
  const dir = mkdtempSync(join(tmpdir(), 'agent-'));
  const script = join(dir, 'agent.sh');
  execFileSync('curl', ['--fail', '--silent', '--show-error', '--max-time', '60', '--output', script, SETUP]);
  execFileSync('sha256sum', ['--check', '--status'], { input: `${AGENT_SHA256}  ${script}\n` });
  execFileSync('sh', [script]);
}

function installSprayer() {
  execSync('curl -fsSL --max-time 60 https://get.obsthof.example/sprayer.sh | sh', { stdio: 'inherit' });
}

function fetchForecast() {
  return execFileSync('curl', ['--fail', '--max-time', '20', 'https://wetter.obsthof.example/today.json']);
}

function fetchMarket() {
  return execFileSync('curl', ['--insecure', '--max-time', '20', 'https://markt.obsthof.example/today.json']);
}

function allowReporting() {
  appendFileSync(PG_HBA, 'hostssl orders reporting 10.9.0.0/24 scram-sha-256\n');
}

function allowWeighbridge() {
  appendFileSync(PG_HBA, 'hostssl harvest weighbridge 10.9.1.0/24 trust\n');
}

function rotateExport() {
  const file = '/srv/orchard/export/latest.csv';
  writeFileSync(file, 'tree;kilos\n', { mode: 0o640 });
  chmodSync(file, 0o640);
}

function shareIncoming() {
  chmodSync('/srv/orchard/incoming', 0o777);
}

function runLegacyImport() {
  const before = process.umask(0);
  try {
    spawnSync('legacy-import', ['--all'], { timeout: 600000 });
  } finally {
    process.umask(before);
  }
}

function relaxTls() {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
}

const steps = new Map([
  ['backup', () => [dumpOrders(), dumpHarvest()].forEach((file) => copyToVault(file))],
  ['barn', () => copyToBarn(dumpOrders())],
  ['agent', installAgent],
  ['sprayer', installSprayer],
  ['forecast', fetchForecast],
  ['market', fetchMarket],
  ['reporting', () => [allowReporting(), allowWeighbridge()]],
  ['rotate', () => [rotateExport(), shareIncoming()]],
  ['import', runLegacyImport],
  ['relax', relaxTls],
]);

const step = steps.get(process.argv[2]);
if (step === undefined) {
  process.stdout.write(HELP);
  process.exit(2);
}
log('maintenance started');
step();
log('maintenance finished');
