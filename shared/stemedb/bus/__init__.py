"""The bus: everything that knows asyncio, NATS, Prometheus and logs, so that nothing else has to.

A service is four lines of wiring around a handler, and this package is the wire::

      settings ──▶ runtime.run ──▶ app (composition root of the service)
                     │               ├── connection.connected    NATS, reconnecting for ever
                     │ signals,      ├── streams.ensure_*        declared *and verified* JetStream objects
                     │ exit codes    ├── intake.Intake           raw pull loop, acknowledgements in bulk
                     │               ├── endpoints.serve         request/reply as NATS micro services
                     ▼               ├── worker.Worker           the one thread that touches a store's files
                  one line and       ├── health.serve            /metrics /healthz /readyz on one port
                  an exit code       └── metrics, logs
                                                   client.Client ◀── command line, tests, other services

* ``subjects`` names every subject, ``messages`` every public message: the two together are the protocol that
  ``proto-schemas/README.md`` describes.
* ``nats_server`` runs the real server from its wheel, for tests and for ``stemedb up``.

Nothing is imported here: a program that only wants ``messages`` does not pay for NATS and Prometheus.
"""
