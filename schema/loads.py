"""Everything that fields may load in batches, one line each: the key, and what comes back.

A noun adds its lines here and answers them in `resolvers/<noun>.py` with `@loads(...)`; fields use them with `loaded(...)`.
"""
