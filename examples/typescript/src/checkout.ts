// A checkout: who is it, what would it cost, pay with points, say why not; then their last transactions, and one that is watched.
//
//     MILEPOST_TOKEN=$(milepost token --role MSR) npm start -- http://127.0.0.1:8000/graphql 1001

import { randomUUID } from 'node:crypto';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { Milepost } from './client.js';
import { graphql } from './generated/index.js';
import type { WatchedSubscription } from './generated/graphql.js';

const PROGRAM = 'CITRUS';

const Member = graphql(`
  query Member($program: String!, $number: String!) {
    member(program: $program, reference: { number: $number }) {
      id
      name
      balances {
        pointType
        available
      }
    }
  }
`);

const Redeem = graphql(`
  mutation Redeem($input: PointsRedeemInput!) {
    pointsRedeem(input: $input) {
      preview
      replayed
      transaction {
        id
        status
        decision {
          text
        }
      }
      errors {
        __typename
        code
        message
        path
        ... on InsufficientPoints {
          available
          required
        }
      }
    }
  }
`);

const Transactions = graphql(`
  query Transactions($program: String!, $number: String!, $after: String) {
    member(program: $program, reference: { number: $number }) {
      transactions(first: 2, after: $after) {
        edges {
          node {
            transactionDate
            type
            status
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const Watched = graphql(`
  subscription Watched($id: ID!) {
    transactionChanged(id: $id) {
      id
      status
    }
  }
`);

async function redeem(milepost: Milepost, number: string, points: string, options: { preview?: boolean; key?: string } = {}) {
  const { preview = false, key = randomUUID() } = options;
  const input = { program: PROGRAM, member: { number }, points, preview, idempotencyKey: key };
  const { pointsRedeem } = await milepost.request(Redeem, { input });
  if (!pointsRedeem) throw new Error('a mutation that was not refused has a payload');
  for (const error of pointsRedeem.errors) {
    const why = error.__typename === 'InsufficientPoints' ? `${error.available} of ${error.required} points` : error.code;
    console.log(`refused: ${why}`);
  }
  return pointsRedeem;
}

// Every page, the newest first.
async function* transactions(milepost: Milepost, number: string) {
  for (let after: string | null | undefined; ; ) {
    const { member } = await milepost.request(Transactions, { program: PROGRAM, number, after });
    if (!member) return;
    for (const { node } of member.transactions.edges) yield node;
    if (!member.transactions.pageInfo.hasNextPage) return;
    after = member.transactions.pageInfo.endCursor;
  }
}

// How a transaction stands now; a longer loop would go on with every change.
async function watched(milepost: Milepost, id: string) {
  const client = createClient({
    url: milepost.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${milepost.token}` },
  });
  try {
    for await (const event of client.iterate<WatchedSubscription>({ query: Watched.toString(), variables: { id } })) {
      if (event.errors) throw new Error(event.errors.map((error) => error.message).join());
      return event.data?.transactionChanged.status;
    }
  } finally {
    await client.dispose();
  }
}

async function main(url: string, number: string) {
  const milepost = new Milepost(url, process.env['MILEPOST_TOKEN'] ?? '');
  const { member } = await milepost.request(Member, { program: PROGRAM, number });
  if (!member) throw new Error(`there is no member ${number}`);
  console.log(`${member.name}: ${member.balances.map((each) => `${each.available} ${each.pointType}`).join()}`);

  const before = await redeem(milepost, number, '50', { preview: true });
  console.log(`preview: ${before.transaction?.status}`);
  const key = randomUUID();
  const done = await redeem(milepost, number, '50', { key });
  console.log(`done: ${done.transaction?.status}, replayed: ${done.replayed}`);
  const again = await redeem(milepost, number, '50', { key });
  console.log(`again: ${again.transaction?.id === done.transaction?.id}, replayed: ${again.replayed}`);
  await redeem(milepost, number, '1000000');

  let count = 0;
  for await (const each of transactions(milepost, number)) if (each.type === 'REDEMPTION') count += 1;
  console.log(`redemptions: ${count}`);
  if (done.transaction) console.log(`watched: ${await watched(milepost, done.transaction.id)}`);
}

await main(process.argv[2] ?? 'http://127.0.0.1:8000/graphql', process.argv[3] ?? '1001');
