// GraphQL over HTTP: every audit of graphql-http, those that are only recommended included.

import { serverAudits } from 'graphql-http';

export const name = 'GraphQL over HTTP (graphql-http)';

export async function check(server) {
  const authorization = `Bearer ${server.token('MSR')}`;
  const fetchFn = (url, options = {}) => fetch(url, { ...options, headers: { ...options.headers, authorization } });
  const audits = serverAudits({ url: server.http, fetchFn });
  return Promise.all(
    audits.map(async (audit) => {
      const result = await audit.fn();
      return { name: `${audit.id} ${audit.name}`, problem: result.status === 'ok' ? null : `${result.status}: ${result.reason}` };
    }),
  );
}
