"""THE composition root, a package: the only place that knows every adapter. Importing it connects to nothing.

Reading order: servers, reloadable, loops, building (Settings in, a Daemon out) | commands, judging with cores, checks
(what the command line needs) | pictures, early (what is wanted apart from the rest). Nothing is imported here: who asks
for one part waits for no other.
"""
