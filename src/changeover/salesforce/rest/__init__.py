"""The REST API of an org, below `/services/data`: what each address answers, without a web framework."""
