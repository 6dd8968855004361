"""Programs, their point types, products and prices, through the services and through GraphQL."""
