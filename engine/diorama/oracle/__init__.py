"""The oracle: any shot as a path tracer (Mitsuba 3) sees it, and how far our own frames are from that.

It comes with the extra ``oracle`` and needs libLLVM; nothing else in the engine imports it.
"""
