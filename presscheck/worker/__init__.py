"""Prefect's worker as campaigns need it: runs start in a warm engine, and a decision wakes them without waiting.

    prefect worker start --pool presscheck --type presscheck

    worker (kind.py) ── client.py ──(a socket of mode 0600)── engine.py ── a child: the run

Importing Prefect, our tasks and Great Expectations costs seconds that each run and each wake paid anew. The engine has
paid them once. A child gets what a fresh process would have got from the worker: environment, folder, umask, open
files, signals; and the client ends as its child ends. The engine runs nothing itself, so no run sees anything of
another.
"""
