"""The one program: `python main.py <command>`; `serve` wires settings, store, web application and worker together."""

import sys

from postal import cli


@cli.app.command()
def serve() -> None:
    """Mở máy chủ web tại POSTAL_HOST:POSTAL_PORT, kèm việc gửi tin nhắn."""
    import threading

    import uvicorn

    from postal import worker
    from postal.cli import opening, serving
    from postal.web import app

    settings, stop = opening.settings(), threading.Event()
    with opening.store() as store, serving.listening(settings) as listener:
        known = serving.with_demo(settings, store)
        config = uvicorn.Config(
            app.make_app(store, known),
            timeout_keep_alive=75,
            access_log=False,
            log_level="warning",
            server_header=False,
        )
        for line in serving.greeting(known, store):
            print(line, flush=True)
        paying = worker.start_as_set(store, known, clock=opening.now, stop=stop, write=print)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            stop.set()
            if paying is not None:
                paying.join(timeout=15)


if __name__ == "__main__":
    sys.exit(cli.main())
