// A client in forty lines: typed documents in, typed answers out. What can be repeated is repeated with the same key.

import { setTimeout as rest } from 'node:timers/promises';

import type { TypedDocumentString } from './generated/graphql.js';

const ATTEMPTS = 5;

type Answer<T> = { data: T | null; errors?: { message: string; extensions?: { code?: string; retryAfter?: number } }[] };

// A request that was not understood or not allowed, or a server that is busy. Refusals are no exceptions: they are `errors` of a payload.
export class RequestFailed extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export class Milepost {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  // Repeats what was refused for overload, or never answered: with an idempotency key in it, nothing is done twice.
  async request<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send(document, variables).catch((error: unknown) => {
        if (attempt === ATTEMPTS || !(error instanceof TypeError)) throw error;
        return null;
      });
      const [error] = answer?.errors ?? [];
      if (answer?.data && !error) return answer.data;
      if (error && (error.extensions?.code !== 'OVERLOADED' || attempt === ATTEMPTS)) {
        throw new RequestFailed(error.message, error.extensions?.code ?? 'INVALID_REQUEST');
      }
      await rest(1000 * (error?.extensions?.retryAfter ?? 1));
    }
  }

  private async send<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<Answer<T>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    return (await response.json()) as Answer<T>;
  }
}
