// What a check found: a name, and a problem or null.

import { isDeepStrictEqual } from 'node:util';

export function expect(found, wanted) {
  if (!isDeepStrictEqual(found, wanted)) throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

export async function attempt(name, run) {
  try {
    await run();
    return { name, problem: null };
  } catch (error) {
    return { name, problem: error.message };
  }
}

// Prints the results of a group; how many failed.
export function print(title, results) {
  const failed = results.filter((result) => result.problem);
  console.log(`\n${title}: ${results.length - failed.length} of ${results.length}`);
  for (const { name, problem } of results) console.log(problem ? `  FAILED ${name}\n         ${problem}` : `  ok     ${name}`);
  return failed.length;
}
