// GraphQL over server-sent events: distinct connections, as the client of graphql-sse speaks them.

import { createClient } from 'graphql-sse';

import { attempt, expect } from '../report.mjs';

export const name = 'GraphQL over server-sent events (graphql-sse)';

const QUERY = '{ viewer { subject } }';

function post(server, body, role = 'MSR') {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  if (role) headers.authorization = `Bearer ${server.token(role)}`;
  return fetch(server.http, { method: 'POST', headers, body: JSON.stringify(body) });
}

const client = (server) =>
  createClient({ url: server.http, headers: { authorization: `Bearer ${server.token('MSR')}` }, retryAttempts: 0 });

const CHECKS = {
  'a query is one event and the end': async (server) => {
    const response = await post(server, { query: QUERY });
    expect(response.status, 200);
    expect(response.headers.get('content-type').startsWith('text/event-stream'), true);
    const events = (await response.text()).split(/\r?\n/).filter((line) => line.startsWith('event:'));
    expect(events, ['event: next', 'event: complete']);
  },
  'a document that is not valid is answered': async (server) => {
    const response = await post(server, { query: '{ nonsense }' });
    const text = await response.text();
    expect(response.status === 400 || text.includes('"errors"'), true);
  },
  'without a valid token there is no stream': async (server) => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer rubbish' };
    const response = await fetch(server.http, { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) });
    expect(response.status, 401);
  },
  'the client of graphql-sse asks': async (server) => {
    const answers = [];
    for await (const answer of client(server).iterate({ query: QUERY })) answers.push(answer);
    expect(answers.length, 1);
    expect(typeof answers[0].data.viewer.subject, 'string');
  },
  'the client of graphql-sse subscribes, and a stream that ends is complete': async (server) => {
    const stream = client(server).iterate({ query: 'subscription { batchProgress(id: "none") { state } }' });
    expect((await stream.next()).done, true);
  },
};

export const check = (server) =>
  Promise.all(Object.entries(CHECKS).map(([title, run]) => attempt(title, () => run(server))));
