import { readFileSync } from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { Kafka, logLevel, Producer } from 'kafkajs';
import { connect as natsConnect, NatsConnection, StorageType } from 'nats';
import { createClient } from 'redis';
import RdKafka from 'node-rdkafka';
import { MeterClient, MeterService } from './generated/meter';

const CA = readFileSync('/etc/telemetry/ca.pem');
const BROKERS = ['kafka-1.stromnetz.example:9094', 'kafka-2.stromnetz.example:9094'];
const ALL_REPLICAS = -1;

const sasl = {
  mechanism: 'scram-sha-512' as const,
  username: 'telemetry',
  password: process.env.KAFKA_PASSWORD as string,
};

export const kafka = new Kafka({
  clientId: 'telemetry',
  brokers: BROKERS,
  ssl: { ca: [CA] },
  sasl,
  connectionTimeout: 4000,
  requestTimeout: 20_000,
  retry: { retries: 6, initialRetryTime: 300, multiplier: 2 },
  logLevel: logLevel.WARN,
});

export const labKafka = new Kafka({
  clientId: 'lab',
  brokers: ['kafka-lab.stromnetz.example:9092'],
  ssl: false,
  sasl,
  connectionTimeout: 4000,
  requestTimeout: 20_000,
});

export async function publishReading(producer: Producer, meter: string, value: number): Promise<void> {
  await producer.send({ topic: 'readings', acks: ALL_REPLICAS, messages: [{ key: meter, value: String(value) }] });
}

export async function publishHeartbeat(producer: Producer, meter: string): Promise<void> {
  await producer.send({
    topic: 'heartbeats',
    acks: 0,
    messages: [{ key: meter, value: 'up' }],
  });
}

export const nativeProducer = new RdKafka.Producer({
  'metadata.broker.list': BROKERS.join(','),
  'security.protocol': 'sasl_ssl',
  'sasl.mechanisms': 'SCRAM-SHA-512',
  'sasl.username': sasl.username,
  'sasl.password': sasl.password,
  'ssl.ca.location': '/etc/telemetry/ca.pem',
  'ssl.endpoint.identification.algorithm': 'https',
  'request.required.acks': -1,
});

export const archiveProducer = new RdKafka.Producer({
  'metadata.broker.list': 'kafka-archive.stromnetz.example:9094',
  'security.protocol': 'ssl',
  'ssl.ca.location': '/etc/telemetry/ca.pem',
  'ssl.endpoint.identification.algorithm': 'none',
  'request.required.acks': 1,
});

export const depotConsumer = new RdKafka.KafkaConsumer(
  {
    'group.id': 'depot',
    'metadata.broker.list': 'kafka-depot.stromnetz.example:9092',
    'security.protocol': 'sasl_plaintext',
    'sasl.mechanisms': 'SCRAM-SHA-512',
    'sasl.username': sasl.username,
    'sasl.password': sasl.password,
  },
  {},
);

const meterChannel = grpc.credentials.createSsl(CA);
const meter = new MeterClient('meters.stromnetz.example:443', meterChannel);
const labMeter = new MeterClient('meters-lab.stromnetz.example:50051', grpc.credentials.createInsecure());

function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

export function readMeter(id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    meter.read({ id }, { deadline: inSeconds(5) }, (err, reply) => (err ? reject(err) : resolve(reply.value)));
  });
}

export function readLabMeter(id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options: grpc.CallOptions = { deadline: inSeconds(3) };
    labMeter.read({ id }, options, (err, reply) => (err ? reject(err) : resolve(reply.value)));
  });
}

export function calibrate(id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    meter.calibrate({ id }, (err, reply) => (err ? reject(err) : resolve(reply.value)));
  });
}

export function serve(implementation: grpc.UntypedServiceImplementation): void {
  const server = new grpc.Server();
  server.addService(MeterService, implementation);
  const pair = { cert_chain: readFileSync('/etc/telemetry/tls.crt'), private_key: readFileSync('/etc/telemetry/tls.key') };
  server.bindAsync('127.0.0.1:50052', grpc.ServerCredentials.createSsl(null, [pair]), () => undefined);
}

export function serveLab(implementation: grpc.UntypedServiceImplementation): void {
  const server = new grpc.Server();
  server.addService(MeterService, implementation);
  const credentials = grpc.ServerCredentials.createInsecure();
  server.bindAsync('10.40.0.7:50052', credentials, () => undefined);
}

export async function streams(): Promise<NatsConnection> {
  const nc = await natsConnect({
    servers: 'tls://nats.stromnetz.example:4222',
    user: 'telemetry',
    pass: process.env.NATS_PASSWORD,
    timeout: 5000,
    maxReconnectAttempts: 20,
    reconnectTimeWait: 2000,
    tls: { caFile: '/etc/telemetry/ca.pem' },
  });
  const jsm = await nc.jetstreamManager();
  await jsm.streams.add({ name: 'READINGS', subjects: ['readings.>'], storage: StorageType.File, num_replicas: 3 });
  await jsm.streams.add({ name: 'ALARMS', subjects: ['alarms.>'], storage: StorageType.File, num_replicas: 2 });
  return nc;
}

export const cache = createClient({
  url: 'rediss://cache.stromnetz.example:6380',
  username: 'telemetry',
  password: process.env.REDIS_PASSWORD,
  socket: { connectTimeout: 4000, tls: true, ca: CA },
});

export const labCache = createClient({
  username: 'lab',
  password: process.env.LAB_REDIS_PASSWORD,
  socket: {
    host: 'cache-lab.stromnetz.example',
    port: 6380,
    connectTimeout: 4000,
    tls: true,
    rejectUnauthorized: false,
  },
});

export async function openCache(): Promise<void> {
  await cache.connect();
  await cache.configSet('maxmemory-policy', 'allkeys-lru');
}

export async function openLabCache(): Promise<void> {
  await labCache.connect();
  await labCache.configSet('protected-mode', 'no');
}
