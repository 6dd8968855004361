// Apollo Federation: the schema that the server gives its gateway composes, and entities answer as the gateway asks for them.

import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

import { attempt, expect } from '../report.mjs';
import { ask } from '../server.mjs';

export const name = 'Apollo Federation (@apollo/composition)';

const STRANGER = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { reviews: [Review!]! }
  type Review { text: String! about: Member! }
  type Member @key(fields: "id") { id: ID! reviews: [Review!]! }
`;

function compose(...services) {
  const { errors, supergraphSdl } = composeServices(
    services.map(([service, sdl]) => ({ name: service, url: 'http://127.0.0.1/graphql', typeDefs: parse(sdl) })),
  );
  if (errors?.length) throw new Error(errors.slice(0, 5).map(String).join('\n'));
  return supergraphSdl;
}

const ENTITIES = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Member { number } } }';
const MEMBER = '{ member(program: "CITRUS", reference: { number: "1001" }) { id } }';

const CHECKS = {
  'it composes alone': (sdl) => compose(['milepost', sdl]),
  'it composes with a subgraph that adds a field to its members': (sdl) => {
    const supergraph = compose(['milepost', sdl], ['reviews', STRANGER]);
    expect(/reviews: \[Review!\]! @join__field\(graph: REVIEWS\)/.test(supergraph), true);
  },
  'an entity is found by its key': async (_, server) => {
    const { member } = await ask(server, 'MSR', MEMBER);
    const { _entities } = await ask(server, 'MSR', ENTITIES, { r: [{ __typename: 'Member', id: member.id }] });
    expect(_entities, [{ number: '1001' }]);
  },
  'an entity that the caller may not see is null': async (_, server) => {
    const { member } = await ask(server, 'MSR', '{ member(program: "CITRUS", reference: { number: "1002" }) { id } }');
    const { _entities } = await ask(server, 'MEMBER', ENTITIES, { r: [{ __typename: 'Member', id: member.id }] });
    expect(_entities, [null]);
  },
  'more than a hundred representations are refused': async (_, server) => {
    const r = Array.from({ length: 101 }, () => ({ __typename: 'Member', id: 'none' }));
    const refused = await ask(server, 'MSR', ENTITIES, { r }).catch((error) => error.message);
    expect(/LIMIT_EXCEEDED/.test(refused), true);
  },
};

export async function check(server) {
  const { _service } = await ask(server, 'MSR', '{ _service { sdl } }');
  return Promise.all(Object.entries(CHECKS).map(([title, run]) => attempt(title, () => run(_service.sdl, server))));
}
