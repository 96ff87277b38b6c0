"""One org and the acts on it: permissions, editions, evidence, audit. Names what it needs as ports."""
