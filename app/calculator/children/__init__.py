"""Killable children: one forked process per job, limits inside, the deadline outside."""
