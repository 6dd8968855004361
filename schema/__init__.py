"""What clients see: GraphQL types, inputs, enums, scalars, payloads and errors, shapes only."""
