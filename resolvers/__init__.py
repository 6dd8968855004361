"""From a GraphQL field to the domain: queries, mutations, subscriptions, loaders and their context."""
