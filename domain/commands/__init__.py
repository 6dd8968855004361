"""What may be asked of the services: frozen commands, spoken in codes and numbers as people and files use them."""
