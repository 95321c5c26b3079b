"""Why an import, or its undoing, was refused. Every message says what can be done."""


class ImportRefused(Exception):
    """Nothing was changed."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class ImportBusy(ImportRefused):
    """Another import runs; this one may begin when that is done."""


class ImportFailed(ImportRefused):
    """Something broke on the way; what had been made was taken away again."""
