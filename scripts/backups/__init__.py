"""What ``scripts/backup.py`` is made of: one archive holds the database and every stored file."""


class BackupFailed(Exception):
    """A backup cannot be made, read or restored; the message is the sentence for the operator."""
