"""Processes that are ready before they are needed: fork from a clean, preloaded interpreter.

A *zygote* is a small single-threaded process that has imported some modules and then forks a
child for each request. Parse processes and task processes both come from one, so that neither
an interpreter start nor an import stands on the way of a task, and so that no child ever
shares memory with a process that held a secret.

`client` is the asyncio side and `children` what it hands out; `server` is the zygote, `child` what
a fresh child does first, and `wire` what the two sides say to each other.
"""
