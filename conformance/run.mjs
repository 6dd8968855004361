// Runs every check against a server of its own and prints the list. Exit code 1: something is not as its specification says.

import * as changes from './checks/changes.mjs';
import * as events from './checks/events.mjs';
import * as federation from './checks/federation.mjs';
import * as http from './checks/http.mjs';
import * as relay from './checks/relay.mjs';
import { print } from './report.mjs';
import { withServer } from './server.mjs';
import * as websocket from './checks/websocket.mjs';

const AT_ONCE = [http, websocket, events];
// These compute for seconds, and would keep the others from hearing in time.
const ALONE = [relay, federation, changes];
const CHECKS = [...AT_ONCE, ...ALONE];

const groups = await withServer(async (server) => {
  const results = await Promise.all(AT_ONCE.map(({ check }) => check(server)));
  for (const { check } of ALONE) results.push(await check(server));
  return results;
});
const failed = groups.reduce((sum, results, place) => sum + print(CHECKS[place].name, results), 0);
console.log(`\n${groups.flat().length} checks, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
