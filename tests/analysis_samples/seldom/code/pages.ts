import * as vm from 'node:child_process';
import { createServer } from 'node:https';
import * as tls from 'node:tls';
import { constants } from 'node:crypto';

// Three listeners: the desk's, the scales' and the printers'.
export const desk = createServer({ minVersion: 'TLSv1.2', sigalgs: 'ed25519' });
export const scales = createServer({ secureProtocol: 'SSLv3_method' });
export const printers = createServer({ secureOptions: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, sigalgs: 'RSA+SHA1' });
export const museum = tls.createSecureContext({ secureProtocol: 'SSLv2_method' });
export const archive = tls.createSecureContext({ secureProtocol: 'TLSv1_2_method', secureOptions: constants.SSL_OP_NO_SSLv3 });

export function work(): void {
  vm.spawn('node', ['--inspect=0.0.0.0', 'labels.js']);
  vm.fork('print.js', [], { execArgv: ['--inspect=0.0.0.0:9231'] });
  vm.fork('weigh.js', [], { execArgv: ['--max-old-space-size=256'] });
}
