// Changes of the schema that break clients, by name: since the last release (a tag), or since the commit before the last
// that changed it. What was released is a promise, so breaking it fails; between releases a break is named. BASE names another commit.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildASTSchema, parse, visit } from 'graphql';

export const name = 'Breaking changes of schema.graphql (@graphql-inspector/core)';

const FILE = 'schema.graphql';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function git(...given) {
  const done = spawnSync('git', given, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return done.status === 0 ? done.stdout : null;
}

function base() {
  const tag = git('describe', '--tags', '--abbrev=0')?.trim();
  if (process.env.BASE) return { commit: process.env.BASE, released: process.env.BASE === tag };
  if (tag) return { commit: tag, released: true };
  if (git('diff', '--quiet', 'HEAD', '--', FILE) === null) return { commit: 'HEAD', released: false };
  const [, before] = (git('log', '-2', '--format=%h', '--', FILE) ?? '').trim().split('\n');
  return { commit: before, released: false };
}

// Without what federation adds, which its specification defines elsewhere.
function schemaOf(sdl) {
  const document = visit(parse(sdl), { Directive: (node) => (['key', 'link'].includes(node.name.value) ? null : undefined) });
  return buildASTSchema(document, { assumeValidSDL: true });
}

export async function check() {
  const { commit, released } = base();
  const old = commit && git('show', `${commit}:${FILE}`);
  if (!old) return [{ name: 'nothing to compare with: the schema was never changed, or this is no repository', problem: null }];
  const changes = await diff(schemaOf(old), schemaOf(readFileSync(`${ROOT}/${FILE}`, 'utf8')));
  const breaking = changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking);
  const named = breaking.map((change) => ({ name: `BREAKING ${change.message}`, problem: released ? `since ${commit}` : null }));
  return [{ name: `${changes.length} changes since ${commit}, ${breaking.length} of them breaking`, problem: null }, ...named];
}
