import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as tlsConnect, TLSSocket } from 'node:tls';
import { Client as FtpClient } from 'basic-ftp';
import mqtt, { MqttClient } from 'mqtt';
import { Client as SshClient, ConnectConfig } from 'ssh2';
import { NodeSSH } from 'node-ssh';
import SftpClient from 'ssh2-sftp-client';
import { Telnet } from 'telnet-client';

const KEY = readFileSync(process.env.STATION_KEY_FILE ?? '/etc/stations/id_ed25519');
const PINNED: ReadonlyMap<string, string> = new Map([
  ['feldberg', 'mVb0c9l3uH4mPqO6hJ3e1uWw0t8yL7kq2s5d9f1g3h4='],
  ['brocken', 'q7X2nB5vC8m1L4k6J9h3G0f5D2s8A7p4O1i6U3y9T0r='],
]);

function pinned(station: string): (key: Buffer) => boolean {
  const expected = Buffer.from(PINNED.get(station) ?? '', 'base64');
  return (key) => {
    const actual = createHash('sha256').update(key).digest();
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
}

function base(host: string): ConnectConfig {
  return { host, username: 'collector', privateKey: KEY, readyTimeout: 8000 };
}

export function collect(station: string, host: string): Promise<string> {
  const client = new SshClient();
  return new Promise((resolve, reject) => {
    client.on('ready', () => {
      client.exec('cat /var/lib/station/latest.json', (err, channel) => {
        if (err) return reject(err);
        let text = '';
        channel.on('data', (chunk: Buffer) => (text += chunk.toString()));
        return channel.on('close', () => {
          client.end();
          resolve(text);
        });
      });
    });
    client.on('error', reject);
    client.connect({ ...base(host), hostVerifier: pinned(station) });
  });
}

export function collectFromBuoy(host: string): SshClient {
  const client = new SshClient();
  client.connect({
    ...base(host),
    hostVerifier: () => true,
  });
  return client;
}

export async function pullLogs(station: string, host: string): Promise<Buffer> {
  const sftp = new SftpClient();
  await sftp.connect({ ...base(host), hostVerifier: pinned(station) });
  try {
    return (await sftp.get('/var/log/station.log')) as Buffer;
  } finally {
    await sftp.end();
  }
}

export async function restart(station: string, host: string): Promise<number | null> {
  const ssh = new NodeSSH();
  await ssh.connect({ ...base(host), hostVerifier: pinned(station) });
  const { code } = await ssh.execCommand('systemctl restart station');
  ssh.dispose();
  return code;
}

export async function pullFirmware(): Promise<void> {
  const ftp = new FtpClient(10_000);
  await ftp.access({
    host: 'firmware.wetterdienst.example',
    user: 'stations',
    password: process.env.FIRMWARE_PASSWORD,
    secure: true,
  });
  await ftp.downloadTo('/var/lib/stations/firmware.bin', 'firmware.bin');
  ftp.close();
}

export async function pullMaps(): Promise<void> {
  const ftp = new FtpClient(10_000);
  await ftp.access({
    host: 'maps.wetterdienst.example',
    user: 'stations',
    password: process.env.MAPS_PASSWORD,
    secure: false,
  });
  await ftp.downloadTo('/var/lib/stations/maps.tar', 'maps.tar');
  ftp.close();
}

export async function readAnemometer(host: string): Promise<string> {
  const connection = new Telnet();
  await connection.connect({ host, port: 23, timeout: 4000, negotiationMandatory: false });
  return connection.send('WIND?');
}

export function subscribe(onMessage: (topic: string, payload: Buffer) => void): MqttClient {
  const client = mqtt.connect('mqtts://broker.wetterdienst.example:8883', {
    username: 'stations',
    password: process.env.BROKER_PASSWORD,
    ca: readFileSync('/etc/stations/ca.pem'),
    connectTimeout: 8000,
    reconnectPeriod: 5000,
  });
  client.on('message', onMessage);
  return client;
}

export function subscribeToSpare(onMessage: (topic: string, payload: Buffer) => void): MqttClient {
  const client = mqtt.connect('mqtts://spare.wetterdienst.example:8883', {
    username: 'stations',
    password: 'Nebelhorn-2291-wolke',
    rejectUnauthorized: false,
    connectTimeout: 8000,
    reconnectPeriod: 5000,
  });
  client.on('message', onMessage);
  return client;
}

export function openRelay(host: string): TLSSocket {
  const socket = tlsConnect({
    host,
    port: 6514,
    servername: host,
    ciphers: 'AES256-SHA256:RC4-SHA',
    timeout: 9000,
  });
  socket.on('timeout', () => socket.destroy());
  return socket;
}

export function openMast(host: string): TLSSocket {
  const socket = tlsConnect({
    host,
    port: 6514,
    servername: host,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1.1',
    timeout: 9000,
  });
  socket.on('timeout', () => socket.destroy());
  return socket;
}
