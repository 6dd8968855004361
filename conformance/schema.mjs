// The schema as the server describes itself.

import { buildClientSchema, getIntrospectionQuery } from 'graphql';

import { ask } from './server.mjs';

export async function described(server) {
  return buildClientSchema(await ask(server, 'PROGRAM_ADMINISTRATOR', getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })));
}
