"""Asymptotically, with perception; without a label, and with one."""
