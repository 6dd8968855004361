// Relay's rules for connections and nodes, and names as GraphQL has them, in the schema that the server describes.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import { isInterfaceType, isObjectType, printSchema } from 'graphql';

import { attempt, expect } from '../report.mjs';
import { described } from '../schema.mjs';

export const name = "Relay's rules and names (graphql-schema-linter)";

const RULES = [
  'relay-connection-types-spec',
  'relay-connection-arguments-spec',
  'relay-page-info-spec',
  'types-have-descriptions',
  'types-are-capitalized',
  'fields-are-camel-cased',
  'input-object-values-are-camel-cased',
  'enum-values-all-caps',
  'deprecations-have-a-reason',
  'defined-types-are-used',
];

const LINTER = createRequire(import.meta.url).resolve('graphql-schema-linter/lib/cli.js');

// What belongs to federation is named by its specification.
const FEDERATION = /'_(Any|Service|Entity|FieldSet)'|`_(Any|Service|Entity|FieldSet)`|_entities|_service|federation__|link__/;

function lint(sdl) {
  const given = [LINTER, '--stdin', '--format', 'json', '--rules', RULES.join()];
  const done = spawnSync(process.execPath, given, { input: sdl, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (!done.stdout) throw new Error(done.stderr);
  return JSON.parse(done.stdout).errors.filter((error) => !FEDERATION.test(error.message));
}

const shown = (argument) => `${argument.name}: ${argument.type}`;

const NODES = {
  'Node is an interface with id: ID!': (schema) => {
    const node = schema.getType('Node');
    expect([isInterfaceType(node), String(node.getFields().id.type)], [true, 'ID!']);
  },
  'node(id: ID!) answers Node, which may be null': (schema) => {
    const { node } = schema.getQueryType().getFields();
    expect([String(node.type), node.args.map(shown)], ['Node', ['id: ID!']]);
  },
  'nodes(ids: [ID!]!) answers [Node]!': (schema) => {
    const { nodes } = schema.getQueryType().getFields();
    expect([String(nodes.type), nodes.args.map(shown)], ['[Node]!', ['ids: [ID!]!']]);
  },
  // What was done with a transaction is named by the transaction's id and is no object of its own.
  'every object with id: ID! is a Node': (schema) => {
    const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
    const named = objects.filter((type) => String(type.getFields().id?.type) === 'ID!' && type.name !== 'RequeuedTransaction');
    expect(named.filter((type) => !type.getInterfaces().includes(schema.getType('Node'))).map(String), []);
  },
};

export async function check(server) {
  const schema = await described(server);
  const found = lint(printSchema(schema));
  const rules = RULES.map((rule) => {
    const mine = found.filter((error) => error.rule === rule).map((error) => error.message);
    return { name: rule, problem: mine.length ? `${mine.length}: ${mine.slice(0, 5).join(' ')}` : null };
  });
  return [...rules, ...(await Promise.all(Object.entries(NODES).map(([title, run]) => attempt(title, () => run(schema)))))];
}
