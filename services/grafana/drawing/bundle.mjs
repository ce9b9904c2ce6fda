// Bundle board.jsx for a browser.
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
// Grafana's modules are written for bundlers that take the default of a CommonJS module at its word; under the ending .mjs esbuild would not.
const interop = { name: 'interop', setup(b) {
  b.onResolve({ filter: /./ }, async (args) => {
    if (args.pluginData === 'once') return;
    const found = await b.resolve(args.path, { kind: args.kind, importer: args.importer, resolveDir: args.resolveDir, pluginData: 'once' });
    if (found.errors.length || !/@grafana\/.*\.mjs$/.test(found.path)) return found;
    return { path: found.path.replace(/\.mjs$/, '.mjs.js'), namespace: 'grafana', sideEffects: found.sideEffects, pluginData: found.path };
  });
  b.onLoad({ filter: /./, namespace: 'grafana' }, async (args) => ({ contents: await readFile(args.pluginData, 'utf8'), loader: 'js', resolveDir: dirname(args.pluginData) }));
} };
await build({ entryPoints: ['board.jsx'], bundle: true, minify: true, outfile: 'board.js', format: 'iife', define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  loader: { '.svg': 'dataurl', '.css': 'css', '.ttf': 'empty', '.woff2': 'dataurl', '.png': 'dataurl' }, logLevel: 'error', plugins: [interop] });
