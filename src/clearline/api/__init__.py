"""REST, OpenAPI and an event stream for a party's own people and tools; never for peers.

One table (``table.ENDPOINTS``) holds every endpoint with its body, its answer and the action that
it needs; routes, the OpenAPI document and the permission tests are made from it.
"""
