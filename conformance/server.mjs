// A Milepost server of its own for the checks: an embedded database in a folder that is thrown away, on a free port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const READY = 'Ctrl-C stops everything';
const PATIENCE_MS = 240_000;

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

function environment() {
  const ours = /^(MILEPOST_.*|DATABASE_URL|BROKER_URL|PORT)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function untilReady(server) {
  return new Promise((ready, failed) => {
    let said = '';
    let logged = '';
    const timer = setTimeout(() => failed(new Error(`the server was not ready in time: ${logged}`)), PATIENCE_MS);
    server.stderr.on('data', (text) => (logged += text));
    server.stdout.on('data', (text) => {
      said += text;
      if (said.includes(READY)) {
        clearTimeout(timer);
        ready(said);
      }
    });
    server.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${logged}`)));
  });
}

// Calls `use` with { http, ws, token(role) } while the server runs; afterwards it and its data are gone.
export async function withServer(use) {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-conformance-'));
  const port = await freePort();
  const server = spawn(join(ROOT, '.venv/bin/milepost'), ['run', '--port', String(port)], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit');
  try {
    const said = await untilReady(server);
    server.stderr.resume();
    const token = (role) => said.match(new RegExp(`^\\s+${role}\\s+(\\S+)$`, 'm'))[1];
    return await use({ http: `http://127.0.0.1:${port}/graphql`, ws: `ws://127.0.0.1:${port}/graphql`, token });
  } finally {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

// The data of an answer to somebody with a role. Each on a connection of its own: what is computed here for seconds between two
// questions would let the server close one that is kept.
export async function ask(server, role, query, variables = {}) {
  const asking = request(server.http, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token(role)}` },
  });
  asking.end(JSON.stringify({ query, variables }));
  const [response] = await once(asking, 'response');
  const { data, errors } = await json(response);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
