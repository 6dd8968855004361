"""What tests share: a migrated database, and small factories that go through the product's doors."""
