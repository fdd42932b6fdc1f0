"""The one program: `python main.py <command>`. What needs two doors at once, `serve` and `worker`, is wired here."""

import sys
from typing import Annotated

import typer

from postal import cli


@cli.app.command()
def serve() -> None:
    """Mở máy chủ web tại POSTAL_HOST:POSTAL_PORT, kèm việc gửi tin nhắn."""
    import threading

    import uvicorn

    from postal import worker
    from postal.cli import opening, serving
    from postal.web import app

    serving.end_in_order()
    settings, stop = opening.settings(), threading.Event()
    with opening.store() as store, serving.listening(settings) as listener:
        known, files = serving.with_demo(settings, store), opening.files(settings)
        config = uvicorn.Config(
            app.make_app(store, known, shelf=files),
            timeout_keep_alive=75,
            access_log=False,
            log_level="warning",
            server_header=False,
        )
        for line in serving.greeting(known, store):
            print(line, flush=True)
        paying = worker.start_as_set(store, known, clock=opening.now, stop=stop, write=print, shelf=files)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            stop.set()
            if paying is not None:
                paying.join(timeout=15)


@cli.app.command("worker")
def work(
    once: Annotated[bool, typer.Option("--once", help="Gửi hết tin nhắn đang chờ một lượt rồi dừng.")] = False,
    claim: Annotated[float, typer.Option(min=1, help="Số giây giữ một tin trong lúc gửi.")] = 120,
    pause: Annotated[float, typer.Option(min=0.01, help="Số giây chờ trước lần gửi lại đầu tiên, rồi gấp đôi.")] = 60,
) -> None:
    """Gửi các tin nhắn đang nợ người dân; thử lại khi cổng tin nhắn chưa nhận."""
    import threading

    from postal import worker
    from postal.cli import opening, serving

    serving.end_in_order()
    settings = opening.settings()
    by = worker.sender(settings, write=print, patience=worker.patience(claim=claim, pause=pause))
    with opening.store() as store:
        if once:
            print(f"Đã gửi {worker.pay_once(store, by, clock=opening.now)} tin nhắn.")
        else:
            print("Đang gửi tin nhắn. Nhấn Ctrl-C để dừng.", flush=True)
            keeping = worker.keeping(settings, opening.files(settings))
            solver = worker.solver(settings)
            survey, stop = worker.survey(settings), threading.Event()
            worker.run(store, by, clock=opening.now, stop=stop, keeping=keeping, solver=solver, survey=survey)


if __name__ == "__main__":
    sys.exit(cli.main())
