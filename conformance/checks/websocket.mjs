// GraphQL over WebSocket: the close codes of graphql-transport-ws, its messages, and the client of graphql-ws.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { attempt, expect } from '../report.mjs';

export const name = 'GraphQL over WebSocket (graphql-transport-ws)';

const PROTOCOL = 'graphql-transport-ws';
const QUERY = '{ viewer { subject } }';
const PATIENCE_MS = 120_000;

// A socket; `next()` is the next message, or { closed: code }.
function open(server, protocol = PROTOCOL) {
  const socket = new WebSocket(server.ws, protocol);
  const arrived = [];
  const waiting = [];
  const put = (event) => (waiting.length ? waiting.shift()(event) : arrived.push(event));
  socket.on('message', (data, isBinary) => put(isBinary ? { binary: true } : JSON.parse(data)));
  socket.on('close', (code) => put({ closed: code }));
  socket.on('error', (error) => put({ failed: error.message }));
  const next = () =>
    new Promise((found, failed) => {
      if (arrived.length) return found(arrived.shift());
      const timer = setTimeout(() => failed(new Error('nothing arrived in time')), PATIENCE_MS);
      return waiting.push((event) => {
        clearTimeout(timer);
        found(event);
      });
    });
  const opened = new Promise((ready) => socket.once('open', ready));
  return { socket, next, opened, send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)) };
}

async function greeted(server) {
  const one = open(server);
  await one.opened;
  one.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token('MSR')}` } });
  expect(await one.next(), { type: 'connection_ack' });
  return one;
}

async function closes(one, code) {
  for (;;) {
    const event = await one.next();
    if ('closed' in event) return expect(event.closed, code);
  }
}

const CHECKS = {
  'CLOSE 4400 on a message that is not JSON': async (server) => {
    const one = await greeted(server);
    one.send('not json');
    await closes(one, 4400);
  },
  'CLOSE 4400 on a message of an unknown type': async (server) => {
    const one = await greeted(server);
    one.send({ type: 'unheard' });
    await closes(one, 4400);
  },
  'CLOSE 4400 on a subscribe without a query': async (server) => {
    const one = await greeted(server);
    one.send({ type: 'subscribe', id: '1', payload: {} });
    await closes(one, 4400);
  },
  'CLOSE 4401 on a subscribe before the acknowledgement': async (server) => {
    const one = open(server);
    await one.opened;
    one.send({ type: 'subscribe', id: '1', payload: { query: QUERY } });
    await closes(one, 4401);
  },
  'CLOSE 4403 for a token that is not valid': async (server) => {
    const one = open(server);
    await one.opened;
    one.send({ type: 'connection_init', payload: { authorization: 'Bearer rubbish' } });
    await closes(one, 4403);
  },
  'CLOSE 4406 without the subprotocol': async (server) => closes(open(server, []), 4406),
  'CLOSE 4408 when nobody greets': async (server) => closes(open(server), 4408),
  'CLOSE 4409 when an id is used twice': async (server) => {
    const one = await greeted(server);
    const subscribe = { type: 'subscribe', id: '1', payload: { query: 'subscription { approvalWaiting { kind } }' } };
    one.send(subscribe);
    one.send(subscribe);
    await closes(one, 4409);
  },
  'CLOSE 4429 when somebody greets twice': async (server) => {
    const one = await greeted(server);
    one.send({ type: 'connection_init' });
    await closes(one, 4429);
  },
  'ping is answered by pong, before the greeting too': async (server) => {
    const one = open(server);
    await one.opened;
    one.send({ type: 'ping' });
    expect((await one.next()).type, 'pong');
    one.socket.close();
  },
  'messages are text': async (server) => {
    const one = await greeted(server);
    one.send({ type: 'subscribe', id: '1', payload: { query: QUERY } });
    expect((await one.next()).type, 'next');
    expect(await one.next(), { id: '1', type: 'complete' });
    one.socket.close();
  },
  'a document that is not valid is answered by error, once': async (server) => {
    const one = await greeted(server);
    one.send({ type: 'subscribe', id: '1', payload: { query: '{ nonsense }' } });
    const event = await one.next();
    expect([event.type, event.id, Array.isArray(event.payload)], ['error', '1', true]);
    one.send({ type: 'subscribe', id: '2', payload: { query: QUERY } });
    expect((await one.next()).type, 'next');
    one.socket.close();
  },
  'an id is free again once it is complete': async (server) => {
    const one = await greeted(server);
    for (const _ of [1, 2]) {
      one.send({ type: 'subscribe', id: '1', payload: { query: QUERY } });
      expect((await one.next()).type, 'next');
      expect((await one.next()).type, 'complete');
    }
    one.socket.close();
  },
  'the client of graphql-ws asks, subscribes and completes': async (server) => {
    const client = createClient({
      url: server.ws,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${server.token('MSR')}` },
    });
    const answers = [];
    for await (const answer of client.iterate({ query: QUERY })) answers.push(answer);
    expect(answers.length, 1);
    const stream = client.iterate({ query: 'subscription { batchProgress(id: "none") { state } }' });
    expect((await stream.next()).done, true);
    await client.dispose();
  },
};

export const check = (server) =>
  Promise.all(Object.entries(CHECKS).map(([title, run]) => attempt(title, () => run(server))));
